import { SwitchboardError } from '@switchboard/platform';
import { inTransaction, type Pool } from '@switchboard/postgres';
import {
  type ChainBreak,
  type ChainReport,
  checkChain,
  type NotedHead,
} from '@switchboard/postgres/audit/check-chain';
import { auditHeads } from '@switchboard/postgres/audit/seals';
import { seeTenant } from '@switchboard/postgres/blocks/fact-pages';

export interface VerifyOptions {
  /** A clinic's slug; all clinics unless told. */
  tenant?: string;
  /** Blocks as the log noted them: `slug:number:hash`, or the clinic's id instead of its slug. */
  head?: readonly string[];
  json?: boolean;
}

/**
 * Compares the audit log with its seals, clinic by clinic, each at one moment, and prints what it found.
 * @returns the exit code: 1 when something doesn't fit
 * @throws SwitchboardError `tenant_unknown`, `head_unreadable`
 */
export async function verifyAudit(
  pool: Pool,
  { tenant, head = [], json = false }: VerifyOptions,
  print: (line: string) => void,
): Promise<number> {
  const noted = head.map(readHead);
  const all = await auditHeads(pool);
  const wanted = all.filter(({ slug }) => tenant === undefined || slug === tenant);
  const known = new Set(all.flatMap(({ slug, tenantId }) => [slug, tenantId]));
  const unknown = [tenant, ...noted.map(({ clinic }) => clinic)].find(
    (name) => name !== undefined && !known.has(name),
  );
  if (unknown !== undefined) throw new SwitchboardError('tenant_unknown', `there is no clinic ${unknown}`);
  let broken = 0;
  for (const { tenantId, slug } of wanted) {
    const heads = noted.filter(({ clinic }) => clinic === slug || clinic === tenantId);
    const report = await readAtOneMoment(pool, tenantId, heads);
    if (report.firstBreak) broken += 1;
    print(json ? JSON.stringify({ tenant: slug, tenant_id: tenantId, ...report }) : describe(slug, report));
  }
  if (!json)
    print(
      broken === 0 ? `all fits: clinics ${wanted.length}` : `BROKEN: clinics ${broken} of ${wanted.length}`,
    );
  return broken === 0 ? 0 : 1;
}

function readAtOneMoment(pool: Pool, tenantId: string, heads: readonly NotedHead[]): Promise<ChainReport> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await seeTenant(client, tenantId);
    return checkChain(client, tenantId, heads);
  });
}

function readHead(text: string): NotedHead & { clinic: string } {
  const [, clinic, number, hash] = /^([^:]+):([1-9]\d*):([0-9a-fA-F]{64})$/.exec(text) ?? [];
  if (clinic === undefined || number === undefined || hash === undefined)
    throw new SwitchboardError(
      'head_unreadable',
      '--head takes SLUG:BLOCK:HASH, as the log of jobs has them',
    );
  return { clinic, number: Number(number), hash };
}

const meanings: Record<ChainBreak['kind'], string> = {
  block_missing: 'a block was removed',
  block_changed: 'a row of it, or the block itself, was changed or put elsewhere',
  row_missing: 'a row of it was removed',
  row_unsealed: 'a row was put in, or its block was removed',
  head_missing: 'the chain was cut off: a block that was noted is not there',
  head_differs: 'the chain was made anew: the block is not the one that was noted',
};

function describe(slug: string, { rows, blocks, waiting, head, firstBreak }: ChainReport): string {
  const counted = `${slug}: ${rows} rows in ${blocks} blocks, ${waiting} waiting`;
  if (!firstBreak) return head ? `${counted}; ends with ${slug}:${head.number}:${head.hash}` : counted;
  const where = [
    ...(firstBreak.block === null ? [] : [`block ${firstBreak.block}`]),
    ...(firstBreak.rows === null ? [] : [`rows ${firstBreak.rows.join(' to ')}`]),
  ].join(', ');
  return `${counted}; BREAK at ${where}: ${meanings[firstBreak.kind]}`;
}
