import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '@switchboard/testkit/database';

export interface StoredCall {
  id: string;
  patientId: string;
}

/** Values that must not reach those who see no PHI. */
export const planted = {
  firstName: 'Rohinibai',
  lastName: 'Deshpande',
  phone: '+919812345678',
  spokenPhone: '98123 45678',
  dateOfBirth: '1984-03-09',
  spokenDateOfBirth: 'ninth of March nineteen eighty-four',
  practitioner: 'Dr. Meera Mehta',
} as const;

const turns = [
  'Good morning, City Clinic, how can I help?',
  `This is ${planted.firstName} ${planted.lastName}, I want to see Dr. Mehta about my knee.`,
  'Of course. What is your date of birth and number?',
  `The ${planted.spokenDateOfBirth}, and ${planted.spokenPhone}.`,
  `Thank you ${planted.firstName.toLowerCase()}.`,
];

/** Puts one finished, analysed call of a known patient into the records. */
export async function storeCall(
  database: TestDatabase,
  tenantId: string,
  beganAt: string,
): Promise<StoredCall> {
  const [id, patientId, conversationId] = [randomUUID(), randomUUID(), randomUUID()];
  const run = (sql: string, values: unknown[]) => database.admin.query(sql, [tenantId, ...values]);
  await run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, date_of_birth, origin) VALUES ($1, $2, $3, $4, $5, 'voice')`,
    [patientId, planted.firstName, planted.lastName, planted.dateOfBirth],
  );
  await run(
    `INSERT INTO conversations (tenant_id, id, channel, patient_id, contact_phone) VALUES ($1, $2, 'voice', $3, $4)`,
    [conversationId, patientId, planted.phone],
  );
  await run(
    `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, status, from_number, to_number, contact_phone,
       contact_name, contact_date_of_birth, started_at, ended_at, began_at, duration_seconds, end_reason, language, agent_id,
       agent_name, outcome, summary, intent, sentiment, caller_turns, patient_id, conversation_id, merge_state,
       cost_minor, cost_currency, analyzed_at)
     VALUES ($1, $2, 'zoice', $3, 'inbound', 'completed', $4, '+912240001234', $4, $5, $6, $7::timestamptz,
       $7::timestamptz + interval '184 seconds', $7, 184, 'caller_hangup', 'en-IN', 'ag_1', 'Asha', 'booked', $8,
       'book_appointment', 'positive', 2, $9, $10, '{}', 12, 'USD', now())`,
    [
      id,
      `zc_${id}`,
      planted.phone,
      `${planted.firstName} ${planted.lastName}`,
      planted.dateOfBirth,
      beganAt,
      `${planted.firstName} booked with Dr. Mehta.`,
      patientId,
      conversationId,
    ],
  );
  await run(
    `INSERT INTO voice_call_transcripts (tenant_id, call_id, turn_index, speaker, text, start_ms)
     SELECT $1, $2, i - 1, CASE WHEN i % 2 = 1 THEN 'agent' ELSE 'caller' END, text, i * 1000
     FROM unnest($3::text[]) WITH ORDINALITY AS t (text, i)`,
    [id, turns],
  );
  await run(
    `INSERT INTO voice_call_recordings (tenant_id, call_id, state, source_url, format, duration_seconds)
     VALUES ($1, $2, 'pending', 'https://vendor.example/secret.mp3', 'mp3', 184)`,
    [id],
  );
  const span = (turn: number, text: string) => {
    const start = turns[turn]?.indexOf(text) ?? 0;
    return { turn, start, end: start + text.length };
  };
  const name = `${planted.firstName} ${planted.lastName}`;
  await run(
    `INSERT INTO voice_call_extractions (tenant_id, call_id, extractor_version, event_id, intent, intent_confidence, sentiment,
       sentiment_score, required_fields, filled_fields, entities, redactions)
     VALUES ($1, $2, 'test-1', gen_random_uuid(), 'book_appointment', 0.9, 'positive', 0.4, 4, 2, $3, $4)`,
    [
      id,
      JSON.stringify([
        { name: 'patient_name', value: name, normalised: name, ...span(1, name), confidence: 0.95 },
        {
          name: 'practitioner',
          value: 'Dr. Mehta',
          normalised: planted.practitioner,
          ...span(1, 'Dr. Mehta'),
          confidence: 0.9,
        },
      ]),
      JSON.stringify([
        { ...span(1, name), kind: 'name' },
        { ...span(3, planted.spokenDateOfBirth), kind: 'date_of_birth' },
      ]),
    ],
  );
  await run(
    `INSERT INTO voice_tool_calls (tenant_id, call_id, position, vendor_id, name, ok) VALUES ($1, $2, 0, 't1', 'available-slots', true)`,
    [id],
  );
  return { id, patientId };
}
