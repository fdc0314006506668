import type { DeadLetterStage, DeadLetterState } from '@switchboard/domain/dead-letter-reasons';
import type { Queryable } from '../pool.ts';
import { searchVersion, unsearched } from './dead-letters.ts';

/** Which dead letters are meant; what is not told does not count. */
export interface DeadLetterFilter {
  id?: string;
  states?: readonly DeadLetterState[];
  stages?: readonly DeadLetterStage[];
  reasons?: readonly string[];
  /** A vendor's name, or the topic it was read from. */
  source?: string;
  /** Without prefix. */
  topics?: readonly string[];
  /** It failed last then or later. */
  from?: Date;
  /** The first instant that no longer counts. */
  to?: Date;
  /** Pseudonyms, one of which its original names. */
  people?: readonly string[];
  /** Whether its original was searched for them. */
  searched?: boolean;
}

/** A dead letter without its original. */
export interface DeadLetterRow {
  id: string;
  tenant_id: string | null;
  stage: string;
  reason: string;
  detail: string | null;
  source: string;
  topic: string | null;
  event_id: string | null;
  call_id: string | null;
  schema_id: number | null;
  content_type: string;
  /** Of the original, sealed; 0: it was removed. */
  bytes: number;
  attempts: number;
  state: DeadLetterState;
  people: string[];
  /** False: its original was not searched for them, so that nobody knows whose it is. */
  searched: boolean;
  first_at: Date;
  last_at: Date;
  /** `last_at` to the microsecond, as the next page's place. */
  place: string;
  replays: number;
  replay_id: string | null;
  replayed_at: Date | null;
  discarded_at: Date | null;
  discard_reason: string | null;
}

export interface DeadLetterPage {
  filter: DeadLetterFilter;
  limit: number;
  /** What was shown last. */
  after?: { at: string; id: string };
}

/** Without an original there is nothing to search. Who was found was searched for, by an older release, too; who was not may be there. */
const isUnsearched = `(d.searches_left IS NOT NULL OR d.search_version < ${searchVersion})
  AND d.people <@ '{${unsearched}}' AND octet_length(d.sealed) > 0`;

const columns = `d.id, d.tenant_id, d.stage, d.reason, d.detail, d.source, d.topic, d.event_id, d.call_id, d.schema_id,
  d.content_type, octet_length(d.sealed) AS bytes, d.attempts, d.state,
  array_remove(d.people, '${unsearched}') AS people, NOT (${isUnsearched}) AS searched, d.first_at, d.last_at,
  d.last_at::text AS place, d.replays, d.replay_id, d.replayed_at, d.discarded_at, d.discard_reason`;

/**
 * Dead letters of the open transaction's tenant, last failed first.
 * @param tenantId null: those of no tenant, in a transaction of none
 */
export async function listDeadLetters(
  db: Queryable,
  tenantId: string | null,
  { filter, limit, after }: DeadLetterPage,
): Promise<DeadLetterRow[]> {
  const values: unknown[] = [];
  const where = [whereDeadLetter(tenantId, filter, values)];
  if (after)
    where.push(
      `(d.last_at, d.id) < ($${values.push(after.at)}::timestamptz, $${values.push(after.id)}::uuid)`,
    );
  const { rows } = await db.query<DeadLetterRow>(
    `SELECT ${columns} FROM dead_letters d WHERE ${where.join(' AND ')}
     ORDER BY d.last_at DESC, d.id DESC LIMIT $${values.push(limit)}`,
    values,
  );
  return rows;
}

/** One with its original, still sealed. */
export async function readDeadLetter(
  db: Queryable,
  tenantId: string | null,
  id: string,
): Promise<(DeadLetterRow & { sealed: Buffer }) | undefined> {
  const values: unknown[] = [];
  const { rows } = await db.query<DeadLetterRow & { sealed: Buffer }>(
    `SELECT ${columns}, d.sealed FROM dead_letters d WHERE ${whereDeadLetter(tenantId, { id }, values)}`,
    values,
  );
  return rows[0];
}

/** How many of a clinic's, in any state, were not searched for whose they are. */
export async function countUnsearched(db: Queryable, tenantId: string): Promise<number> {
  const values: unknown[] = [];
  const { rows } = await db.query<{ letters: number }>(
    `SELECT count(*) AS letters FROM dead_letters d WHERE ${whereDeadLetter(tenantId, { searched: false }, values)}`,
    values,
  );
  return rows[0]?.letters ?? 0;
}

/** The condition on `dead_letters d`; what it compares with is added to `values`. */
export function whereDeadLetter(
  tenantId: string | null,
  filter: DeadLetterFilter,
  values: unknown[],
): string {
  const add = (value: unknown) => `$${values.push(value)}`;
  const where = [tenantId === null ? 'd.tenant_id IS NULL' : `d.tenant_id = ${add(tenantId)}`];
  if (filter.id) where.push(`d.id = ${add(filter.id)}`);
  for (const [column, wanted] of [
    ['state', filter.states],
    ['stage', filter.stages],
    ['reason', filter.reasons],
    ['topic', filter.topics],
  ] as const) {
    const [only, ...more] = wanted ?? [];
    if (only === undefined) continue;
    where.push(more.length > 0 ? `d.${column} = ANY (${add(wanted)})` : `d.${column} = ${add(only)}`);
  }
  if (filter.source !== undefined) where.push(`d.source = ${add(filter.source)}`);
  if (filter.from) where.push(`d.last_at >= ${add(filter.from)}`);
  if (filter.to) where.push(`d.last_at < ${add(filter.to)}`);
  if (filter.people) where.push(`d.people && ${add(filter.people)}::uuid[]`);
  if (filter.searched !== undefined) where.push(`(${isUnsearched}) <> ${add(filter.searched)}`);
  return where.join(' AND ');
}
