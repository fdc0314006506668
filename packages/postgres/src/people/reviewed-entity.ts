import { splitName } from '@switchboard/domain/names';
import { SwitchboardError } from '@switchboard/platform';
import type { Touched } from '../facts/state-touched.ts';
import type { Queryable } from '../pool.ts';
import type { NewPatient, PatientOrigin } from './new-patient.ts';

/** The record of a review: its patient so far, and what it says of who that is. */
export interface ReviewedEntity {
  kind: 'voice_call' | 'conversation' | 'appointment' | 'patient';
  id: string;
  /** Of the review. */
  state: string;
  patientId: string | null;
  conversationId: string | null;
  contact: NewPatient;
  origin: PatientOrigin;
}

interface Row {
  entity_kind: ReviewedEntity['kind'];
  entity_id: string;
  state: string;
  patient_id: string | null;
  conversation_id: string | null;
  name: string | null;
  phone: string | null;
  date_of_birth: string | null;
}

/** The record that a review of the open transaction's tenant is about. */
export async function readReviewed(
  client: Queryable,
  tenantId: string,
  reviewId: string,
): Promise<ReviewedEntity | undefined> {
  const { rows } = await client.query<Row>(
    `SELECT r.entity_kind, r.entity_id, r.state, coalesce(c.patient_id, v.patient_id, a.patient_id) AS patient_id,
       c.conversation_id, coalesce(c.contact_name, v.contact_name) AS name, coalesce(c.contact_phone, v.contact_phone) AS phone,
       c.contact_date_of_birth AS date_of_birth
     FROM match_reviews r
     LEFT JOIN voice_calls c ON r.entity_kind = 'voice_call' AND c.tenant_id = r.tenant_id AND c.id = r.entity_id
     LEFT JOIN conversations v ON r.entity_kind = 'conversation' AND v.tenant_id = r.tenant_id AND v.id = r.entity_id
     LEFT JOIN appointments a ON r.entity_kind = 'appointment' AND a.tenant_id = r.tenant_id AND a.id = r.entity_id
     WHERE r.tenant_id = $1 AND r.id = $2`,
    [tenantId, reviewId],
  );
  const [row] = rows;
  if (!row) return undefined;
  const name = splitName(row.name);
  return {
    kind: row.entity_kind,
    id: row.entity_id,
    state: row.state,
    patientId: row.patient_id,
    conversationId: row.conversation_id,
    contact: {
      firstName: name?.first ?? null,
      lastName: name?.last ?? null,
      dateOfBirth: row.date_of_birth,
      phone: row.phone,
    },
    origin:
      row.entity_kind === 'voice_call' ? 'voice' : row.entity_kind === 'conversation' ? 'whatsapp' : 'desk',
  };
}

const parts = { voice_call: 'calls', conversation: 'conversations', appointment: 'appointments' } as const;
const tables = {
  voice_call: 'voice_calls',
  conversation: 'conversations',
  appointment: 'appointments',
} as const;

/**
 * Gives a record its patient; a call's conversation is the same contact. @returns what changed with it
 * @throws SwitchboardError `review_obsolete`: the record is gone
 */
export async function setPatientOf(
  client: Queryable,
  tenantId: string,
  entity: ReviewedEntity,
  { patientId, originalId }: { patientId: string; originalId: string },
): Promise<Touched> {
  const { kind } = entity;
  if (kind === 'patient') return {};
  const set = async (table: string, id: string) => {
    const { rowCount } = await client.query(
      `UPDATE ${table} SET patient_id = $3, original_patient_id = $4 WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, patientId, originalId],
    );
    return rowCount ?? 0;
  };
  if ((await set(tables[kind], entity.id)) === 0)
    throw new SwitchboardError('review_obsolete', 'the record of this review is gone');
  const { conversationId } = entity;
  if (conversationId !== null) await set('conversations', conversationId);
  return {
    patients: [patientId, ...(entity.patientId === null ? [] : [entity.patientId])],
    [parts[kind]]: [entity.id],
    ...(conversationId !== null && { conversations: [conversationId] }),
  };
}
