import type { PlainRows } from '@switchboard/testkit/recount-records';
import { idOf, start } from './random-values.ts';

/** What there is before anything happens: patients, practitioners, and an empty conversation and journey for what refers to one. */
export function firstRows(): { [T in keyof PlainRows]: Map<string, PlainRows[T][number]> } {
  const byId = <T extends { id: string }>(all: T[]) => new Map(all.map((row) => [row.id, row]));
  return {
    patients: byId([1, 2, 3, 4].map((number) => ({ id: idOf('patients', number), test_data: false }))),
    practitioners: byId([1, 2].map((number) => ({ id: idOf('practitioners', number), department_id: null }))),
    appointments: new Map(),
    journeys: byId(
      [1, 2, 3, 4, 5, 6].map((number) => ({
        id: idOf('journeys', number),
        patient_id: null,
        practitioner_id: null,
        journey_type: 'knee',
        status: 'active' as const,
        started_at: start,
        ended_at: null,
        pauses: 0,
        resumes: 0,
        placeholder: true,
        entered_in_error: false,
      })),
    ),
    journey_steps: new Map(),
    conversations: byId(
      [1, 2, 3, 4].map((number) => ({
        id: idOf('conversations', number),
        channel: 'whatsapp',
        state: 'open' as const,
        patient_id: null,
        contact_phone: null,
        intent: null,
        labels: [],
        resolved_at: null,
        reopened: 0,
        created_at: start,
      })),
    ),
    conversation_messages: new Map(),
    voice_calls: new Map(),
  };
}
