import type { ClickHouse } from '@switchboard/clickhouse';
import type { Pool } from '@switchboard/postgres';
import type { Ledger, LedgerCall } from './ledger.ts';

export interface LedgerCheckOptions {
  ledger: Ledger;
  /** As a user whom row-level security does not bind. */
  postgres: Pool;
  clickhouse: ClickHouse;
  tenantId: string;
  /** Distinct events that others wrote; the tenant's calls must all be the ledger's. */
  otherEvents?: number;
  /** Dead letters that were to be made; none unless told. */
  deadLetters?: number;
}

const names = [
  'calls',
  'turns',
  'inbox',
  // Of calls, that stand in `fact_current`.
  'statements',
  // Σ sign of ClickHouse's facts, and their sums in the views.
  'facts',
  'daily',
  'hourly',
  'deadLetters',
  // Not in ClickHouse yet.
  'outbox',
  'openBlocks',
] as const;

/** What the stores hold of a tenant. */
export type StoreCounts = Record<(typeof names)[number], number>;

export interface LedgerCheck {
  counts: StoreCounts;
  /** What is not as it must be; none: every accepted event is stored once and counted once. */
  findings: string[];
}

/** What is held against the words of a call's events. */
interface StoredWords {
  status: string | null;
  end_reason: string | null;
  duration_seconds: number | null;
}

interface StoredCall extends StoredWords {
  external_id: string;
  rows: number;
  turns: number;
}

const SHOWN = 5;

/** Compares what was accepted with what is stored. The tenant's calls must come from this ledger alone, and all be at rest. */
export async function checkLedger(options: LedgerCheckOptions): Promise<LedgerCheck> {
  const { ledger } = options;
  const stored = await storedCalls(options);
  const counts = await countStores(options);
  const findings: string[] = [];
  const list = (what: string, ids: readonly string[]) => {
    if (ids.length > 0) findings.push(`${what}: ${ids.length} (${ids.slice(0, SHOWN).join(', ')})`);
  };
  list('events never accepted', ledger.missing());
  list(
    'accepted calls that Postgres has not',
    [...ledger.calls.keys()].filter((id) => !stored.has(id)),
  );
  list(
    'calls that nobody posted',
    [...stored.keys()].filter((id) => !ledger.calls.has(id)),
  );
  list(
    'calls that Postgres has twice',
    [...stored.values()].filter(({ rows }) => rows > 1).map(({ external_id: id }) => id),
  );
  list(
    'calls with other turns than posted',
    [...stored.values()]
      .filter(({ external_id: id, turns }) => turns !== (ledger.calls.get(id)?.turns ?? turns))
      .map(({ external_id: id, turns }) => `${id}: ${turns} of ${ledger.calls.get(id)?.turns}`),
  );
  list('calls that say otherwise than their last word', otherWords(ledger.calls, stored));
  const { calls, accepted } = ledger.summary();
  const wanted: StoreCounts = {
    calls,
    turns: [...ledger.calls.values()].reduce((sum, { turns }) => sum + turns, 0),
    inbox: accepted + (options.otherEvents ?? 0),
    statements: calls,
    facts: calls,
    daily: calls,
    hourly: calls,
    deadLetters: options.deadLetters ?? 0,
    outbox: 0,
    openBlocks: 0,
  };
  for (const name of names)
    if (counts[name] !== wanted[name]) findings.push(`${name}: ${counts[name]} instead of ${wanted[name]}`);
  return { counts, findings };
}

/** Fields of calls that are not what the event says whose word holds. */
export function otherWords(
  calls: ReadonlyMap<string, LedgerCall>,
  stored: ReadonlyMap<string, StoredWords>,
): string[] {
  return [...calls].flatMap(([id, { says }]) => {
    const row = stored.get(id);
    if (!row) return [];
    return [...says].flatMap(([name, { value }]) => {
      const is: unknown = Reflect.get(row, name);
      return is === value ? [] : [`${id} ${name}: ${String(is)} instead of ${value}`];
    });
  });
}

async function storedCalls({ postgres, tenantId }: LedgerCheckOptions): Promise<Map<string, StoredCall>> {
  const { rows } = await postgres.query<StoredCall>(
    `SELECT external_id, count(*)::int AS rows, sum(turns)::int AS turns,
         min(status) AS status, min(end_reason) AS end_reason, min(duration_seconds) AS duration_seconds
       FROM voice_calls
       CROSS JOIN LATERAL (
         SELECT count(*) AS turns FROM voice_call_transcripts
          WHERE tenant_id = voice_calls.tenant_id AND call_id = voice_calls.id
       ) AS transcript
      WHERE tenant_id = $1
      GROUP BY external_id`,
    [tenantId],
  );
  return new Map(rows.map((row) => [row.external_id, row]));
}

/** Reads the counts that a ledger is compared by. */
async function countStores({
  postgres,
  clickhouse,
  tenantId,
}: Omit<LedgerCheckOptions, 'ledger'>): Promise<StoreCounts> {
  const one = async (sql: string) => (await postgres.query<{ n: number }>(sql, [tenantId])).rows[0]?.n ?? 0;
  const sum = async (sql: string) => {
    const [row] = await clickhouse.query<{ n: string }>(sql, { tenant: tenantId });
    return Number(row?.n ?? 0);
  };
  const ofTenant = (table: string) => one(`SELECT count(*)::int AS n FROM ${table} WHERE tenant_id = $1`);
  const inClickHouse = (what: string, table: string) =>
    sum(`SELECT ${what} AS n FROM ${table} WHERE tenant_id = {tenant:UUID}`);
  return {
    calls: await ofTenant('voice_calls'),
    turns: await ofTenant('voice_call_transcripts'),
    inbox: await ofTenant('inbox'),
    statements: await one(
      `SELECT count(*)::int AS n FROM fact_current WHERE tenant_id = $1 AND kind = 'voice_call' AND statement IS NOT NULL`,
    ),
    facts: await inClickHouse('sum(sign)', 'fact_voice_call'),
    daily: await inClickHouse('sum(calls)', 'analytics_voice_call_daily'),
    hourly: await inClickHouse('sum(calls)', 'analytics_voice_call_hourly'),
    deadLetters: await one(
      'SELECT count(*)::int AS n FROM dead_letters WHERE tenant_id = $1 OR tenant_id IS NULL',
    ),
    outbox: await ofTenant('outbox'),
    openBlocks: await one(
      "SELECT count(*)::int AS n FROM blocks WHERE state = 'moved' AND $1 = ANY (tenants)",
    ),
  };
}
