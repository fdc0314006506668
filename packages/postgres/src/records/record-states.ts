import type { RecordState } from '@switchboard/domain/records/record-state';
import { namedPrefix, type RecordKind } from '@switchboard/domain/records/record-statements';
import type { Queryable } from '../pool.ts';
import { createUpsert, type Row } from '../rows.ts';
import { plainNameOf } from './plain-name.ts';

/** The clinic system's own id of a record. */
export interface RecordKey {
  kind: RecordKind;
  /** Whose ids these are. */
  numbering: string;
  externalId: string;
}

export interface StoredState extends RecordKey {
  /** Our id of the record. */
  id: string;
  state: RecordState;
  /** When what it tells of a patient was emptied: what was said before is not to fill it again. */
  emptiedAt: Date | null;
}

/** What is known of these records; those never heard of are left out. */
export async function loadRecordStates(
  client: Queryable,
  tenantId: string,
  keys: readonly RecordKey[],
): Promise<StoredState[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<StoredState>(
    `${selectBy('entity_id AS id, state, emptied_at AS "emptiedAt"')}`,
    [tenantId, ...columnsOf(keys)],
  );
  return rows;
}

/** Our ids of these records. */
export async function loadRecordIds(
  client: Queryable,
  tenantId: string,
  keys: readonly RecordKey[],
): Promise<Omit<StoredState, 'state' | 'emptiedAt'>[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<StoredState>(selectBy('entity_id AS id'), [
    tenantId,
    ...columnsOf(keys),
  ]);
  return rows;
}

/** Writes whole states by key. */
export const upsertRecordStates = createUpsert(
  'record_states',
  ['tenant_id', 'kind', 'numbering', 'external_id'],
  ['entity_id', 'state', 'awaits'],
);

/**
 * Rows of the clinic's own that were made here and that the clinic's system now names: by its id, written beside them
 * before, or else by their name. A row may be meant by several keys that give the same name.
 * @param keys new ones; `name` as `plainName` has it. @returns our ids by kind and external id
 */
export async function loadAdoptable(
  client: Queryable,
  tenantId: string,
  keys: readonly { kind: string; externalId: string; name: string | null }[],
): Promise<{ kind: string; externalId: string; id: string }[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<{ kind: string; externalId: string; id: string }>(adoptableSql, [
    tenantId,
    keys.map(({ kind }) => kind),
    keys.map(({ externalId }) => externalId),
    keys.map(({ name }) => name),
  ]);
  return rows;
}

/**
 * Kinds of visit that are called now what others, renamed here, were called once: who says the name alone means these.
 * @param keys by their name alone; `name` as `plainName` has it, `id` ours so far. @returns our ids by external id
 */
export async function loadRenamed(
  client: Queryable,
  tenantId: string,
  keys: readonly { externalId: string; name: string; id: string }[],
): Promise<{ externalId: string; id: string }[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<{ externalId: string; id: string }>(renamedSql, [
    tenantId,
    keys.map(({ externalId }) => externalId),
    keys.map(({ name }) => name),
    keys.map(({ id }) => id),
  ]);
  return rows;
}

/** Whole rows of one table by id, as JSON: times are ISO text. */
export async function loadRows(
  client: Queryable,
  tenantId: string,
  table:
    | 'locations'
    | 'practitioners'
    | 'appointment_types'
    | 'patients'
    | 'journeys'
    | 'journey_steps'
    | 'conversation_messages'
    | 'conversations',
  ids: readonly string[],
): Promise<Map<string, Row>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; row: Row }>(
    `SELECT id, to_jsonb(t) AS row FROM ${table} t WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`,
    [tenantId, ids],
  );
  return new Map(rows.map(({ id, row }) => [id, row]));
}

// One look-up per key, whatever the planner thinks of a table without statistics.
function selectBy(columns: string): string {
  return `SELECT k.kind, k.numbering, k.external_id AS "externalId", r.* FROM unnest($2::text[], $3::text[], $4::text[]) AS k (kind, numbering, external_id)
    CROSS JOIN LATERAL (SELECT ${columns} FROM record_states s
      WHERE s.tenant_id = $1 AND s.kind = k.kind AND s.numbering = k.numbering AND s.external_id = k.external_id LIMIT 1) r`;
}

function columnsOf(keys: readonly RecordKey[]): string[][] {
  return [
    keys.map(({ kind }) => kind),
    keys.map(({ numbering }) => numbering),
    keys.map(({ externalId }) => externalId),
  ];
}

// Who gives an id and a name means a row that was made here, not one that others name alone: that is another record.
const adoptableSql = `
SELECT k.kind, k.external_id AS "externalId", r.id
FROM unnest($2::text[], $3::text[], $4::text[]) AS k (kind, external_id, name)
CROSS JOIN LATERAL (${[
  ['location', 'locations', 'name'],
  ['practitioner', 'practitioners', 'display_name'],
  ['appointment_type', 'appointment_types', 'name'],
  ['patient', 'patients', null],
]
  .map(
    ([kind, table, name]) => `
  (SELECT t.id FROM ${table} t WHERE k.kind = '${kind}' AND t.tenant_id = $1 AND t.source IS NULL AND t.external_id = k.external_id LIMIT 1)${
    name === null
      ? ''
      : `
  UNION ALL
  (SELECT t.id FROM ${table} t WHERE k.kind = '${kind}' AND t.tenant_id = $1 AND t.source IS NULL AND t.external_id IS NULL AND ${plainNameOf(`t.${name}`)} = k.name
    AND (k.external_id LIKE '${namedPrefix}%' OR NOT EXISTS (SELECT FROM record_states s WHERE s.tenant_id = $1 AND s.entity_id = t.id AND s.kind = k.kind))
    ORDER BY t.active DESC, t.id LIMIT 1)`
  }`,
  )
  .join('\n  UNION ALL')}
  LIMIT 1) r`;

const renamedSql = `
SELECT k.external_id AS "externalId", r.id
FROM unnest($2::text[], $3::text[], $4::uuid[]) AS k (external_id, name, id)
JOIN appointment_types t ON t.tenant_id = $1 AND t.id = k.id AND ${plainNameOf('t.name')} <> k.name
CROSS JOIN LATERAL (SELECT o.id FROM appointment_types o WHERE o.tenant_id = $1 AND o.active AND ${plainNameOf('o.name')} = k.name
  ORDER BY o.external_id IS NOT NULL, o.id LIMIT 1) r`;

/** What the open transaction's tenant decides about what its system tells. */
export async function loadRecordRules(
  client: Queryable,
  tenantId: string,
): Promise<{ reopenDays: number; ownNumberings: string[] }> {
  const { rows } = await client.query<{ reopenDays: number; ownNumberings: string[] }>(
    'SELECT reopen_conversation_days AS "reopenDays", own_numberings AS "ownNumberings" FROM tenants WHERE id = $1',
    [tenantId],
  );
  return rows[0] ?? { reopenDays: 7, ownNumberings: [] };
}
