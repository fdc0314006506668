import type { PlainRows, RecountRules } from './plain-rows.ts';

export type Stated = Record<string, unknown>;
/** Takes down what an entity states, by basis. */
export type Add = (kind: string, id: string, statements: Readonly<Record<string, Stated | null>>) => void;
export type ClinicView = ReturnType<typeof viewClinic>;

export const dayMs = 86_400_000;

/** Sorts by the first key that differs. */
export const by =
  <T>(...keys: ((one: T) => number | string)[]) =>
  (a: T, b: T) => {
    for (const key of keys) {
      if (key(a) < key(b)) return -1;
      if (key(a) > key(b)) return 1;
    }
    return 0;
  };

/** The rows with what each recount asks of them: only what counts, nothing of test patients. */
export function viewClinic(rows: PlainRows, rules: RecountRules) {
  const test = (patientId: string | null) =>
    rows.patients.some((patient) => patient.id === patientId && patient.test_data);
  const departmentOf = (id: string | null) =>
    rows.practitioners.find((one) => one.id === id)?.department_id ?? null;
  const visits = rows.appointments
    .filter(
      (one) => one.status !== 'held' && !one.placeholder && !one.entered_in_error && !test(one.patient_id),
    )
    // All of them began before their rows were written, and were made no later.
    .map((one) => ({ ...one, booked_at: one.booked_at ?? one.starts_at }));
  const thread = (id: string) =>
    rows.conversation_messages
      .filter((one) => one.conversation_id === id && !one.entered_in_error)
      .sort(
        by(
          (one) => one.sent_at,
          (one) => (one.direction === 'inbound' ? 0 : 1),
          (one) => one.id,
        ),
      );
  const callOf = (id: string) => rows.voice_calls.find((call) => call.conversation_id === id);
  const talks = rows.conversations
    .filter((one) => !test(one.patient_id))
    .map((one) => ({
      ...one,
      began: callOf(one.id)?.began_at ?? thread(one.id)[0]?.sent_at ?? one.created_at,
    }));
  /** A patient's conversations and bookings, in order. */
  const wayOf = (patientId: string | null) =>
    patientId === null
      ? []
      : [
          ...talks
            .filter((one) => one.patient_id === patientId)
            .map((one) => ({ id: one.id, at: one.began, booking: 0 })),
          ...visits
            .filter((one) => one.patient_id === patientId)
            .map((one) => ({ id: one.id, at: one.booked_at, booking: 1 })),
        ].sort(
          by(
            (one) => one.at,
            (one) => one.booking,
            (one) => one.id,
          ),
        );
  return { rows, rules, test, departmentOf, visits, thread, callOf, talks, wayOf };
}
