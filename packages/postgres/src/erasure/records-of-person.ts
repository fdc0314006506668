import { noId } from '@switchboard/domain/facts/statement-parts';
import type { Queryable } from '../pool.ts';
import type { StandIn } from './clear-calls.ts';

/** One person: patients that are one, and numbers. */
export interface Person {
  patientIds: readonly string[];
  /** Numbers that nobody else has: what came from them is this person's, whoever it was given to. */
  ownPhones: readonly string[];
  /** Of all numbers that this person's records have. */
  standIns: readonly StandIn[];
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
  messages: `SELECT r.id FROM conversations k JOIN conversation_messages r ON r.tenant_id = $1 AND r.conversation_id = k.id
    WHERE k.tenant_id = $1 AND ${isTheirContact('k')}`,
  conversations: `SELECT r.id FROM conversations r WHERE r.tenant_id = $1 AND ${isTheirContact('r')}`,
  appointments: `SELECT r.id FROM appointments r WHERE r.tenant_id = $1 AND ${isTheirs('r')} AND $3::text[] IS NOT NULL`,
  journeys: `SELECT r.id FROM journeys r WHERE r.tenant_id = $1 AND ${isTheirs('r')} AND $3::text[] IS NOT NULL`,
  // What a call or conversation asked for may know no patient.
  requests: `SELECT r.id FROM booking_requests r
    LEFT JOIN voice_calls v ON v.tenant_id = $1 AND v.id = r.call_id
    LEFT JOIN conversations k ON k.tenant_id = $1 AND k.id = r.conversation_id
    WHERE r.tenant_id = $1 AND (${isTheirs('r')} OR ${isTheirs('v')} OR ${isTheirs('k')}
      OR coalesce(v.contact_phone, k.contact_phone) = ANY ($3::text[]))`,
};

/**
 * The next of a person's records of one kind, by id.
 * @param page `after`: the last id before; `most`: so many; `since`: written since then, undefined: whenever
 */
export async function findOfPerson(
  client: Queryable,
  tenantId: string,
  kind: ErasedKind,
  { patientIds, ownPhones, standIns }: Person,
  { after, most, since }: { after?: string | undefined; most?: number; since?: Date },
): Promise<string[]> {
  const own = new Set(ownPhones);
  // By the time that requests are looked for, the stand-ins have taken the numbers' place.
  const phones = standIns
    .filter(({ phone }) => own.has(phone))
    .flatMap(({ phone, standIn }) => [phone, standIn]);
  const { rows } = await client.query<{ id: string }>(
    `${recordsSql[kind]} AND r.id > $4::uuid AND r.created_at >= $6 ORDER BY r.id LIMIT $5`,
    [tenantId, patientIds, phones, after ?? noId, most ?? null, since ?? '-infinity'],
  );
  return rows.map(({ id }) => id);
}
