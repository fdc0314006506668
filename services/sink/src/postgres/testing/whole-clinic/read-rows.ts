import type { Pool } from '@switchboard/postgres';
import type { PlainRows } from '@switchboard/testkit/recount-records';

/** Whole milliseconds: what the facts tell of a time. */
const ms = (...columns: string[]) =>
  columns.map((column) => `floor(extract(epoch FROM ${column}) * 1000)::float8 AS ${column}`).join(', ');
const from = (table: string) => `FROM ${table} WHERE tenant_id = $1`;

/** A clinic's rows as a plain recount reads them. */
export async function readRows(admin: Pool, tenantId: string): Promise<PlainRows> {
  const read = async <T extends keyof PlainRows>(_table: T, sql: string) =>
    (await admin.query<PlainRows[T][number]>(sql, [tenantId])).rows;
  return {
    patients: await read('patients', `SELECT id, test_data ${from('patients')}`),
    practitioners: await read('practitioners', `SELECT id, department_id ${from('practitioners')}`),
    appointments: await read(
      'appointments',
      `SELECT id, patient_id, practitioner_id, location_id, appointment_type_id, status, cancelled_by, moves, channel, call_id,
         tool_call_id, conversation_id, fee_minor, fee_currency, placeholder, entered_in_error,
         ${ms('starts_at', 'ends_at', 'booked_at', 'confirmed_at', 'checked_in_at', 'cancelled_at')},
         -- Of a move by a file that tells no time, the time under which it was heard.
         floor(extract(epoch FROM coalesce(moved_at, (
           SELECT max(h.occurred_at) FROM appointment_history h
           WHERE h.tenant_id = $1 AND h.appointment_id = a.id AND h.change = 'moved'))) * 1000)::float8 AS moved_at
       FROM appointments a WHERE tenant_id = $1`,
    ),
    journeys: await read(
      'journeys',
      `SELECT id, patient_id, practitioner_id, journey_type, status, pauses, resumes, placeholder, entered_in_error,
         ${ms('started_at', 'ended_at')} ${from('journeys')}`,
    ),
    journey_steps: await read(
      'journey_steps',
      `SELECT id, journey_id, step_type, stage, placeholder, ${ms('due_at', 'completed_at')} ${from('journey_steps')}`,
    ),
    conversations: await read(
      'conversations',
      `SELECT id, channel, state, patient_id, contact_phone, intent, language, labels, reopened,
         ${ms('resolved_at', 'created_at')} ${from('conversations')}`,
    ),
    conversation_messages: await read(
      'conversation_messages',
      `SELECT id, conversation_id, direction, sender_kind, sender_id, status, body, template, language, sentiment_score,
         entered_in_error, ${ms('sent_at')} ${from('conversation_messages')}`,
    ),
    voice_calls: await read(
      'voice_calls',
      `SELECT id, conversation_id, status, outcome, direction, contact_phone, intent, sentiment, language, caller_turns,
         transferred_to, ${ms('began_at', 'ended_at')} ${from('voice_calls')}`,
    ),
  };
}
