import type { Queryable } from './pool.ts';

export interface Statement {
  kind: string;
  entityId: string;
  /** The date this statement counts under, by name: an entity states itself once per basis. */
  basis: string;
  /** All columns of the fact but ids, sign and block; null: it no longer counts under this basis. */
  statement: Readonly<Record<string, unknown>> | null;
  /** The event that caused the change. */
  eventId: string;
  /** W3C trace context of that event. */
  traceparent?: string | null;
}

export interface FactContext {
  tenantId: string;
  shard: number;
  /** Names the rules the statements were made by. */
  statementVersion: number;
  /** IANA zone whose days they count under; none: they count under no day. */
  zone?: string;
  /** What caused it is so old that a second more makes no odds: the shard's worker comes when it comes. */
  isLate?: boolean | undefined;
}

/**
 * States facts: remembers each in `fact_current` and writes what changed to the outbox, the stored statement at −1 and
 * the new one at +1. The stored one is taken as it is, never computed again, so that a changed rule cannot unbalance a
 * sum. Saying the same again writes nothing to the outbox, and nothing at all by the same rules and zone. The caller holds the tenant's lock, and gives each (kind, entity, basis) once.
 * @returns how many statements changed
 */
export async function recordFacts(
  client: Queryable,
  context: FactContext,
  statements: readonly Statement[],
): Promise<number> {
  if (statements.length === 0) return 0;
  const result = await client.query<{ changed: number }>(recordFactsSql, [
    context.tenantId,
    context.shard,
    context.statementVersion,
    JSON.stringify(
      statements.map((s) => ({
        kind: s.kind,
        entity_id: s.entityId,
        basis: s.basis,
        statement: s.statement,
        event_id: s.eventId,
        traceparent: s.traceparent,
      })),
    ),
    context.zone ?? '',
    context.isLate ?? false,
  ]);
  return result.rows[0]?.changed ?? 0;
}

// What is stated goes to the outbox as it was written here: making it a jsonb and a text again costs as much as all else.
const recordFactsSql = `
WITH told AS (
  SELECT kind, entity_id, basis, nullif(statement::text, 'null') AS text, event_id, traceparent
  FROM json_to_recordset($4::json) AS i (kind text, entity_id uuid, basis text, statement json, event_id uuid, traceparent text)
), incoming AS MATERIALIZED (
  SELECT *, text::jsonb AS statement FROM told
), compared AS (
  SELECT i.*, f.statement AS stored, f.statement IS DISTINCT FROM i.statement AS differs
  FROM incoming i
  LEFT JOIN fact_current f ON f.tenant_id = $1::uuid AND f.kind = i.kind AND f.entity_id = i.entity_id AND f.basis = i.basis
  WHERE f.statement IS DISTINCT FROM i.statement OR f.statement_version <> $3::int OR f.zone <> $5::text
), changed AS (
  SELECT * FROM compared WHERE differs
), remembered AS (
  INSERT INTO fact_current AS f (tenant_id, kind, entity_id, basis, statement, statement_version, zone)
  SELECT $1::uuid, kind, entity_id, basis, statement, $3::int, $5::text FROM compared
  ON CONFLICT (tenant_id, kind, entity_id, basis)
  DO UPDATE SET statement = excluded.statement, statement_version = excluded.statement_version, zone = excluded.zone
), signed AS (
  SELECT kind, entity_id, basis, event_id, traceparent, -1 AS sign, stored::text AS text FROM changed WHERE stored IS NOT NULL
  UNION ALL
  SELECT kind, entity_id, basis, event_id, traceparent, 1, text FROM changed WHERE text IS NOT NULL
), written AS (
  INSERT INTO outbox (shard, tenant_id, kind, event_id, traceparent, sign, line)
  SELECT $2::smallint, $1::uuid, kind, event_id, traceparent, sign, format(
    '{"tenant_id":"%s","entity_id":"%s","basis":%s,"sign":%s,"event_id":"%s",%s',
    $1::uuid, entity_id, to_json(basis), sign, event_id, substr(text, 2))
  FROM signed
  RETURNING 1
)
SELECT (SELECT count(*)::int FROM changed) AS changed,
  CASE WHEN NOT $6::boolean AND EXISTS (SELECT FROM written) THEN pg_notify('switchboard_outbox', ($2::smallint)::text) END`;
