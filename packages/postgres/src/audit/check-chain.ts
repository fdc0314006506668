import { createHash } from 'node:crypto';
import type { Client } from '../pool.ts';

/** Where a chain stops fitting, and how. */
export interface ChainBreak {
  kind: 'block_missing' | 'block_changed' | 'row_missing' | 'row_unsealed' | 'head_missing' | 'head_differs';
  /** Number of the block; null for a row that is in none. */
  block: number | null;
  /** First and last row of the audit log that it may be. */
  rows: [number, number] | null;
}

export interface ChainReport {
  /** Sealed rows that were compared. */
  rows: number;
  blocks: number;
  /** Rows that were not sealed yet. */
  waiting: number;
  head: { number: number; hash: string } | null;
  /** The first; null: all fits. */
  firstBreak: ChainBreak | null;
}

/** A block as it was written down elsewhere. */
export interface NotedHead {
  number: number;
  /** Hexadecimal. */
  hash: string;
}

interface BlockRow {
  number: number;
  rows: number;
  row_ids: string[];
  previous_hash: Buffer;
  hash: Buffer;
  sealed_at: number;
  found: number;
  texts: string | null;
}

const blocksPerPage = 100;

/**
 * Compares the audit log of one tenant with its seals, in the open transaction, which is REPEATABLE READ and sees that
 * tenant's rows. Hashes are computed here, so that no function of the database is believed.
 * @param noted blocks that were written down elsewhere: without one, a chain that was cut off or made anew fits too
 */
export async function checkChain(
  client: Client,
  tenantId: string,
  noted: readonly NotedHead[] = [],
): Promise<ChainReport> {
  const report: ChainReport = { rows: 0, blocks: 0, waiting: 0, head: null, firstBreak: null };
  const unseen = new Map(noted.map(({ number, hash }) => [number, hash.toLowerCase()]));
  let previous: Buffer = Buffer.alloc(0);
  for (let page: BlockRow[] = []; ; ) {
    page = await readBlocks(client, tenantId, report.blocks);
    for (const block of page) {
      report.firstBreak ??= breakOf(tenantId, block, report.blocks + 1, previous);
      if (report.firstBreak) return report;
      const hash = block.hash.toString('hex');
      report.blocks += 1;
      report.rows += block.rows;
      report.head = { number: block.number, hash };
      if ((unseen.get(block.number) ?? hash) !== hash) {
        report.firstBreak = { kind: 'head_differs', block: block.number, rows: rangeOf(block) };
        return report;
      }
      unseen.delete(block.number);
      previous = block.hash;
    }
    if (page.length < blocksPerPage) break;
  }
  const [missing] = [...unseen.keys()].toSorted((a, b) => a - b);
  if (missing !== undefined) report.firstBreak = { kind: 'head_missing', block: missing, rows: null };
  report.firstBreak ??= await findUnsealed(client, tenantId);
  report.waiting = await countWaiting(client, tenantId);
  return report;
}

function breakOf(tenantId: string, block: BlockRow, expected: number, previous: Buffer): ChainBreak | null {
  if (block.number !== expected) return { kind: 'block_missing', block: expected, rows: null };
  const broken = (kind: ChainBreak['kind']): ChainBreak => ({
    kind,
    block: block.number,
    rows: rangeOf(block),
  });
  if (block.found < block.row_ids.length) return broken('row_missing');
  const text = [
    previous.toString('hex'),
    tenantId,
    block.number,
    block.sealed_at,
    block.row_ids.join(','),
    ...(block.texts === null ? [] : [block.texts]),
  ].join('\n');
  const fits =
    block.rows === block.row_ids.length &&
    block.previous_hash.equals(previous) &&
    createHash('sha256').update(text).digest().equals(block.hash);
  return fits ? null : broken('block_changed');
}

function rangeOf({ row_ids: ids }: BlockRow): [number, number] {
  return [Number(ids[0]), Number(ids.at(-1))];
}

async function readBlocks(client: Client, tenantId: string, after: number): Promise<BlockRow[]> {
  const { rows } = await client.query<BlockRow>(
    `SELECT s.number, s.rows, s.row_ids::text[] AS row_ids, s.previous_hash, s.hash,
       (extract(epoch FROM s.sealed_at) * 1000000)::bigint AS sealed_at, f.found, f.texts
     FROM (SELECT * FROM audit_seals WHERE tenant_id = $1 AND number > $2 ORDER BY number LIMIT $3) AS s
     CROSS JOIN LATERAL (
       SELECT count(*) AS found, string_agg(jsonb_build_array(a.id, (extract(epoch FROM a.at) * 1000000)::bigint, a.actor_kind,
         a.actor_id, a.action, a.entity_kind, a.entity_id, a.request_id, a.details)::text, E'\\n' ORDER BY a.id) AS texts
       FROM audit_log a WHERE a.tenant_id = $1 AND a.id = ANY (s.row_ids)) AS f
     ORDER BY s.number`,
    [tenantId, after, blocksPerPage],
  );
  return rows;
}

async function findUnsealed(client: Client, tenantId: string): Promise<ChainBreak | null> {
  const { rows } = await client.query<{ id: number | null }>(
    `SELECT min(a.id) AS id FROM audit_log a
     LEFT JOIN (SELECT unnest(row_ids) AS id FROM audit_seals WHERE tenant_id = $1) AS s ON s.id = a.id
     LEFT JOIN audit_unsealed u ON u.tenant_id = a.tenant_id AND u.id = a.id
     WHERE a.tenant_id = $1 AND s.id IS NULL AND u.id IS NULL`,
    [tenantId],
  );
  const id = rows[0]?.id ?? null;
  return id === null ? null : { kind: 'row_unsealed', block: null, rows: [id, id] };
}

async function countWaiting(client: Client, tenantId: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    'SELECT count(*) AS n FROM audit_unsealed WHERE tenant_id = $1',
    [tenantId],
  );
  return rows[0]?.n ?? 0;
}
