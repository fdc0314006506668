import { noId } from '@switchboard/domain/facts/statement-parts';
import type { Queryable } from '../pool.ts';
import { callParts } from './clear-calls.ts';
import { tells } from './clear-states.ts';
import type { StandIn } from './stand-ins.ts';

/** One person: patients that are one, and numbers. */
export interface Person {
  patientIds: readonly string[];
  /** Numbers that nobody else has: what came from them is this person's, whoever it was given to. */
  ownPhones: readonly string[];
  /** Of all numbers that this person's records have. */
  standIns: readonly StandIn[];
  /** Records of which the clinic's system says that they are this person's, with a row or without, whoever the row is of. */
  told: readonly string[];
}

/** Messages before their conversations, which say whose they are. */
export const erasedKinds = [
  'calls',
  'messages',
  'conversations',
  'appointments',
  'journeys',
  'requests',
] as const;

export type ErasedKind = (typeof erasedKinds)[number];

const isTheirs = (record: string) =>
  `(${record}.patient_id = ANY ($2::uuid[]) OR ${record}.original_patient_id = ANY ($2::uuid[]))`;
const isTheirContact = (record: string) =>
  `(${isTheirs(record)} OR (${record}.patient_id IS NULL AND ${record}.contact_phone = ANY ($3::text[])))`;

const recordsSql: Record<ErasedKind, string> = {
  calls: `SELECT r.id FROM voice_calls r WHERE r.tenant_id = $1 AND ${isTheirContact('r')}`,
  // A conversation of several people is nobody's: of its messages those are that name this person.
  messages: `SELECT r.id FROM (
      SELECT m.id FROM conversations k JOIN conversation_messages m ON m.tenant_id = $1 AND m.conversation_id = k.id
      WHERE k.tenant_id = $1 AND ${isTheirContact('k')}
      UNION SELECT m.id FROM conversation_messages m
      WHERE m.tenant_id = $1 AND m.id = ANY ($6::uuid[]) AND (m.merge_state ->> 'patient')::uuid = ANY ($2::uuid[])) n
    JOIN conversation_messages r ON r.tenant_id = $1 AND r.id = n.id WHERE true`,
  conversations: `SELECT r.id FROM conversations r WHERE r.tenant_id = $1 AND ${isTheirContact('r')}`,
  appointments: `SELECT r.id FROM appointments r WHERE r.tenant_id = $1 AND ${isTheirs('r')}`,
  journeys: `SELECT r.id FROM journeys r WHERE r.tenant_id = $1 AND ${isTheirs('r')}`,
  // What a call or conversation asked for may know no patient.
  requests: `SELECT r.id FROM booking_requests r
    LEFT JOIN voice_calls v ON v.tenant_id = $1 AND v.id = r.call_id
    LEFT JOIN conversations k ON k.tenant_id = $1 AND k.id = r.conversation_id
    WHERE r.tenant_id = $1 AND (${isTheirs('r')} OR ${isTheirs('v')} OR ${isTheirs('k')}
      OR coalesce(v.contact_phone, k.contact_phone) = ANY ($3::text[]))`,
};

/** Which of the records of whose kind a person may have many may still tell something, or may be filled again. */
const unsettledSql: Partial<Record<ErasedKind, string>> = {
  calls: `NOT r.emptied @> '{${callParts.join(',')}}'`,
  messages: `r.emptied_at IS NULL OR r.body IS NOT NULL
    OR EXISTS (SELECT FROM record_states s WHERE s.tenant_id = $1 AND s.entity_id = r.id AND ${tells('s')})`,
};

/**
 * The next of a person's records of one kind, by id.
 * @param page `after`: the last id before; `most`: so many; `unsettled`: without those that are empty for sure
 */
export async function findOfPerson(
  client: Queryable,
  tenantId: string,
  kind: ErasedKind,
  { patientIds, ownPhones, standIns, told }: Person,
  { after, most, unsettled = false }: { after?: string | undefined; most?: number; unsettled?: boolean },
): Promise<string[]> {
  const own = new Set(ownPhones);
  // By the time that requests are looked for, the stand-ins have taken the numbers' place.
  const phones = standIns
    .filter(({ phone }) => own.has(phone))
    .flatMap(({ phone, standIn }) => [phone, standIn]);
  const wanted = (unsettled && unsettledSql[kind]) || 'true';
  const { rows } = await client.query<{ id: string }>(
    `${recordsSql[kind]} AND r.id > $4::uuid AND (${wanted}) AND ($3::text[], $6::uuid[]) IS NOT NULL ORDER BY r.id LIMIT $5`,
    [tenantId, patientIds, phones, after ?? noId, most ?? null, told],
  );
  return rows.map(({ id }) => id);
}

/**
 * Records that the clinic's system says are of these patients, by its own numbers of them; or by the record itself, where it
 * gave a patient no number.
 */
export async function findTold(
  client: Queryable,
  tenantId: string,
  patientIds: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `WITH numbers AS MATERIALIZED (SELECT numbering, external_id AS number FROM record_states
       WHERE tenant_id = $1 AND kind = 'patient' AND entity_id = ANY ($2::uuid[]))
     SELECT entity_id AS id FROM records_naming((SELECT array_agg(numbering) FROM numbers), (SELECT array_agg(number) FROM numbers))
     UNION SELECT s.entity_id FROM numbers n
     CROSS JOIN LATERAL regexp_match(n.number, '^of (appointment|journey|message) (.+)$') AS of (record)
     JOIN record_states s ON s.tenant_id = $1 AND s.kind = record[1] AND s.numbering = n.numbering AND s.external_id = record[2]`,
    [tenantId, patientIds],
  );
  return rows.map(({ id }) => id);
}
