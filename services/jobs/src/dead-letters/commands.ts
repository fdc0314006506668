import { randomUUID } from 'node:crypto';
import { readOriginal } from '@switchboard/kafka/original';
import { createSealer, SwitchboardError, sleep } from '@switchboard/platform';
import { type Client, createPool, type Pool } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { countDeadLetters, isTenant, statesOf } from '@switchboard/postgres/pipeline/dead-letter-tenants';
import { askReplays, discardDeadLetters } from '@switchboard/postgres/pipeline/decide-dead-letters';
import {
  type DeadLetterRow,
  listDeadLetters,
  readDeadLetter,
} from '@switchboard/postgres/pipeline/find-dead-letters';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import { type TopicName, topicNames } from '@switchboard/schemas';
import { createAwaitRead } from './await-read.ts';
import type { DeadLettersConfig } from './command-config.ts';
import { commandFilter, type FilterOptions, meantTenants, requireFilter } from './command-filter.ts';
import type { CommandWork } from './command-work.ts';
import { inTenant } from './in-tenant.ts';
import { reseal } from './reseal.ts';

export interface CommandOptions extends FilterOptions {
  /** Those that were put back before, too. */
  again: boolean;
  json: boolean;
  /** Why they are given up. */
  reason?: string;
  limit: string;
  /** Seconds. */
  wait: string;
}

/** @returns the exit code @throws SwitchboardError `usage`, `tenant_unknown`, `dead_letter_unknown` */
export type Command = (work: CommandWork, options: CommandOptions) => Promise<number>;

export const commands: ReadonlyMap<string, Command> = new Map([
  ['list', list],
  ['show', show],
  ['replay', replay],
  ['discard', discard],
  ['reseal', reseal],
]);

export async function withCommandPool(
  config: DeadLettersConfig,
  run: (work: CommandWork) => Promise<number>,
): Promise<number> {
  const pool = createPool({
    url: config.DATABASE_URL,
    applicationName: 'switchboard-dead-letters',
    max: 2,
    statementTimeoutMs: 120_000,
    onError: () => undefined,
  });
  try {
    const print = (line: string) => process.stdout.write(`${line}\n`);
    return await run({ pool, config, awaitRead: createAwaitRead(config), print });
  } finally {
    await pool.end();
  }
}

/** Of letters of no clinic. */
const noZone = 'UTC';

/** The clinics meant, and the zone of their days. */
async function meant(
  pool: Pool,
  wanted: string | undefined,
): Promise<{ tenantId: string | null; zone: string }[]> {
  const tenants = meantTenants(await countDeadLetters(pool), wanted);
  const settings = await loadTenantSettings(
    pool,
    tenants.filter((tenantId) => tenantId !== null),
  );
  return tenants.map((tenantId) => ({
    tenantId,
    zone: settings.get(tenantId ?? '')?.timeZone ?? noZone,
  }));
}

async function list({ pool, print }: CommandWork, options: CommandOptions): Promise<number> {
  commandFilter(options, noZone);
  const limit = wholeOf(options.limit, '--limit', 100_000);
  const rows: DeadLetterRow[] = [];
  for (const { tenantId, zone } of await meant(pool, options.tenant)) {
    const filter = commandFilter(options, zone);
    rows.push(
      ...(await inTenant(pool, tenantId, (client) => listDeadLetters(client, tenantId, { filter, limit }))),
    );
  }
  rows.sort((a, b) => b.last_at.getTime() - a.last_at.getTime());
  for (const { place: _, ...row } of rows.slice(0, limit)) {
    if (options.json) print(JSON.stringify(row));
    else {
      const where = row.topic ?? row.source;
      const times = [row.last_at.toISOString(), `${row.attempts}×`];
      const whose = row.searched ? [] : ['unsearched'];
      print(
        [row.id, ...times, row.state, row.stage, row.reason, where, row.detail ?? '', ...whose].join('\t'),
      );
    }
  }
  return 0;
}

async function show({ pool, config, print }: CommandWork, { id }: CommandOptions): Promise<number> {
  const filter = commandFilter({ all: true, id }, noZone);
  const sealer = createSealer(config.SECRETS_KEY, config.SECRETS_OLD_KEYS);
  for (const tenantId of meantTenants(await countDeadLetters(pool), undefined)) {
    const found = await inTenant(pool, tenantId, async (client) => {
      const row = await readDeadLetter(client, tenantId, filter.id ?? '');
      if (row)
        await note(client, tenantId, 'dead_letter.view', { entityKind: 'dead_letter', entityId: row.id });
      return row;
    });
    if (!found) continue;
    const { sealed, place: _, ...row } = found;
    const original = row.bytes === 0 ? null : readOriginal(row.content_type, row.topic, sealer.open(sealed));
    print(JSON.stringify({ ...row, original }, null, 2));
    return 0;
  }
  throw new SwitchboardError('dead_letter_unknown', 'there is no dead letter with this id');
}

async function replay({ pool, awaitRead, print }: CommandWork, options: CommandOptions): Promise<number> {
  requireFilter(options);
  commandFilter(options, noZone);
  const states = options.again ? (['open', 'replayed'] as const) : undefined;
  const seconds = wholeOf(options.wait, '--wait', 86_400);
  const asked = new Map<string | null, string[]>();
  for (const { tenantId, zone } of await meant(pool, options.tenant)) {
    const ids = await inTenant(pool, tenantId, async (client) => {
      const some = await askReplays(client, tenantId, { ...commandFilter(options, zone), states });
      if (some.length > 0)
        await note(client, tenantId, 'dead_letter.replay', { details: { rows: some.length } });
      return some;
    });
    if (ids.length > 0) asked.set(tenantId, ids);
  }
  const all = [...asked.values()].reduce((sum, ids) => sum + ids.length, 0);
  print(`${all} to be put back`);
  const until = Date.now() + seconds * 1000;
  const { topics } = await follow(pool, asked, until);
  // What fails again does so once it was read.
  const isRead = topics.length === 0 || (await awaitRead?.(topics, until));
  const left = await look(pool, asked);
  print(
    `${all - left.replaying - left.open} put back, ${left.open} failed again, ${left.replaying} still to be put back`,
  );
  if (left.replaying > 0)
    print('Those go on by themselves where jobs (and for stage ingest: ingest) runs and reaches Kafka.');
  if (isRead === undefined)
    print('Without KAFKA_BROKERS it is not seen whether what was put back fails again.');
  if (isRead === false)
    print('Not all that was put back has been read yet: what fails again is open a moment later.');
  return left.replaying + left.open > 0 || isRead === false ? 1 : 0;
}

/** Waits until all are put back or have failed. */
async function follow(pool: Pool, asked: ReadonlyMap<string | null, string[]>, until: number) {
  for (;;) {
    const left = await look(pool, asked);
    if (left.replaying === 0 || Date.now() >= until) return left;
    await sleep(500);
  }
}

/** How many are still to be put back or failed again, and the topics that others were put back on. */
async function look(pool: Pool, asked: ReadonlyMap<string | null, string[]>) {
  const left = { replaying: 0, open: 0 };
  const topics = new Set<TopicName>();
  for (const [tenantId, ids] of asked)
    for (const { state, topic } of await inTenant(pool, tenantId, (client) => statesOf(client, ids))) {
      if (state === 'replaying' || state === 'open') left[state] += 1;
      const name = state === 'replayed' ? topicNames.find((one) => one === topic) : undefined;
      if (name) topics.add(name);
    }
  return { ...left, topics: [...topics] };
}

async function discard({ pool, print }: CommandWork, options: CommandOptions): Promise<number> {
  requireFilter(options);
  const reason = options.reason?.trim();
  if (!reason || reason.length > 500)
    throw new SwitchboardError('usage', '--reason takes why, in up to 500 characters');
  commandFilter(options, noZone);
  let given = 0;
  for (const { tenantId, zone } of await meant(pool, options.tenant))
    given += await inTenant(pool, tenantId, async (client) => {
      const ids = await discardDeadLetters(client, tenantId, commandFilter(options, zone), reason);
      if (ids.length > 0)
        await note(client, tenantId, 'dead_letter.discard', { details: { rows: ids.length } });
      return ids.length;
    });
  print(`${given} given up`);
  return 0;
}

/** What the operator did with a clinic's letters. Of no clinic there is no audit log. */
async function note(
  client: Client,
  tenantId: string | null,
  action: string,
  more: { entityKind?: string; entityId?: string; details?: Readonly<Record<string, unknown>> },
): Promise<void> {
  if (tenantId === null || !(await isTenant(client, tenantId))) return;
  await writeAudit(client, {
    tenantId,
    actorKind: 'system',
    actorId: 'npm run dead-letters',
    action,
    requestId: randomUUID(),
    ...more,
  });
}

function wholeOf(text: string, name: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new SwitchboardError('usage', `${name} takes a whole number up to ${most}`);
  return value;
}
