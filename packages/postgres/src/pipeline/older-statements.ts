import { noId } from '@switchboard/domain/facts/statement-parts';
import type { ToState } from '../facts/touched.ts';
import type { Queryable } from '../pool.ts';

/** What statements of a kind are made by today. */
export interface MadeBy {
  kind: string;
  statementVersion: number;
  /** IANA name of the clinic's zone, with a digest of its business hours for kinds that know them. */
  zone: string;
}

/** The rows of each kind, and which id they are stated by; steps are stated with their journeys. */
const recordsOf: Readonly<Record<string, { table: string; id: string }>> = {
  voice_call: { table: 'voice_calls', id: 'r.id' },
  appointment: { table: 'appointments', id: 'r.id' },
  journey: { table: 'journeys', id: 'r.id' },
  journey_step: { table: 'journey_steps', id: 'r.journey_id' },
  message: { table: 'conversation_messages', id: 'r.id' },
  conversation: { table: 'conversations', id: 'r.id' },
};

/**
 * What statements of a kind were made by older rules, or by today's in another zone or with other business hours. What
 * newer rules stated is left to those who have them. Only entities that have a record: nothing can be said of others.
 * @returns the ids to state them by, and how many statements were found, `most` at most
 */
export async function findOlderStatements(
  client: Queryable,
  tenantId: string,
  { kind, statementVersion, zone }: MadeBy,
  most: number,
): Promise<{ ids: Set<string>; statements: number }> {
  const records = recordsOf[kind];
  if (!records) throw new Error('facts of no kind that is known');
  const { rows } = await client.query<{ id: string }>(olderSql(records), [
    tenantId,
    statementVersion,
    zone,
    most,
    kind,
  ]);
  return { ids: new Set(rows.map((row) => row.id)), statements: rows.length };
}

// Three ranges of one index, so that nothing is read where nothing is old.
const olderSql = ({ table, id }: { table: string; id: string }) =>
  ['statement_version < $2', 'statement_version = $2 AND zone < $3', 'statement_version = $2 AND zone > $3']
    .map(
      (range) => `(SELECT ${id} AS id FROM fact_current f
      JOIN ${table} r ON r.tenant_id = f.tenant_id AND r.id = f.entity_id
      WHERE f.tenant_id = $1 AND f.kind = $5 AND f.statement IS NOT NULL AND ${range} LIMIT $4)`,
    )
    .join(' UNION ALL ')
    .concat(' LIMIT $4');

/** Kinds of records whose statements are looked for by {@link findUnstated}; the basis under which each counts first. */
const first = [
  { list: 'calls', table: 'voice_calls', kind: 'voice_call', basis: 'started' },
  { list: 'appointments', table: 'appointments', kind: 'appointment', basis: 'starts' },
  { list: 'journeys', table: 'journeys', kind: 'journey', basis: 'started' },
  { list: 'messages', table: 'conversation_messages', kind: 'message', basis: 'sent' },
  { list: 'conversations', table: 'conversations', kind: 'conversation', basis: 'created' },
] as const;

export const sweptRecords: readonly (keyof ToState)[] = first.map(({ list }) => list);

export interface UnstatedPage {
  ids: string[];
  /** Where to go on; `null`: there are no more. */
  next: string | null;
}

/**
 * Goes through the records of a kind by id, some at a time, for those of which nothing was ever stated: written before
 * the kind was, or by an older release.
 * @param after the id that the last part ended with; `null` to begin
 */
export async function findUnstated(
  client: Queryable,
  tenantId: string,
  list: keyof ToState,
  after: string | null,
  most: number,
): Promise<UnstatedPage> {
  const one = first.find((records) => records.list === list);
  if (!one) throw new Error('records of no kind that is known');
  const { rows } = await client.query<{ id: string; unstated: boolean }>(
    `SELECT r.id, f.entity_id IS NULL AS unstated
     FROM (SELECT id FROM ${one.table} WHERE tenant_id = $1 AND id > coalesce($2::uuid, '${noId}') ORDER BY id LIMIT $3) r
     LEFT JOIN fact_current f ON f.tenant_id = $1 AND f.kind = '${one.kind}' AND f.entity_id = r.id AND f.basis = '${one.basis}'
     ORDER BY r.id`,
    [tenantId, after, most],
  );
  return {
    ids: rows.filter((row) => row.unstated).map((row) => row.id),
    next: rows.length < most ? null : (rows.at(-1)?.id ?? null),
  };
}
