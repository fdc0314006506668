import { toE164 } from '@switchboard/domain/phone';
import { type ReviewRow, reviewStates } from '@switchboard/postgres/api/match-review-list';
import type { NewPatient } from '@switchboard/postgres/people/new-patient';
import { z } from 'zod';
import type { Reader } from '../calls/present-call.ts';
import { cursorParameter, instantInCursor } from '../paging/cursor.ts';
import { line, localDate, whole } from '../paging/parameters.ts';

const entityKinds = ['voice_call', 'conversation', 'appointment', 'patient'] as const;

/** Parameters of `GET /match-reviews`. */
export const reviewQuery = z.strictObject({
  state: z.enum(reviewStates).default('open'),
  entity_kind: z.enum(entityKinds).optional(),
  limit: whole(200, 1).default(50),
  cursor: cursorParameter(z.strictObject({ at: instantInCursor, id: z.uuid() })),
});

/** Body of `POST …/link`. */
export const linkBody = z.strictObject({
  patient_id: z.uuid().describe('A candidate, or any other patient.'),
});

/** Body of `POST …/new`. */
export const newBody = z
  .strictObject({
    first_name: line(100).optional(),
    last_name: line(100).optional(),
    date_of_birth: localDate.optional(),
    phone: line(40).optional().describe('In any writing.'),
  })
  .describe('What is not given is taken from the record.');

const text = z.string().nullable();
const phi = (of: string) => text.describe(`${of}; null for those who may not see it.`);

export const review = z.object({
  id: z.string(),
  state: z.enum(reviewStates),
  entity: z.object({ kind: z.string(), id: z.string(), at: text }),
  contact: z.object({
    name: phi('As the record has it'),
    phone: phi('E.164'),
    date_of_birth: phi('ISO date'),
  }),
  candidates: z.array(
    z.object({
      score: z.number().describe('0 to 1.'),
      breakdown: z.record(z.string(), z.number()).describe('What each field adds, log-odds.'),
      patient: z
        .object({
          id: z.string(),
          first_name: phi('First name'),
          last_name: phi('Last name'),
          date_of_birth: phi('ISO date'),
        })
        .nullable()
        .describe('Null when it is gone.'),
    }),
  ),
  patient_id: text.describe('Of a decided one: whom the record was given to.'),
  decided_by: text.describe('The user; null: open, or obsolete because the record itself says more now.'),
  decided_at: text,
  created_at: z.string(),
});

export const reviewList = z.object({ reviews: z.array(review), next_cursor: text });

export function presentReview(row: ReviewRow, { seesPhi }: Reader): z.infer<typeof review> {
  const shown = (value: string | null) => (seesPhi ? value : null);
  return {
    id: row.id,
    state: row.state,
    entity: { kind: row.entity_kind, id: row.entity_id, at: row.occurred_at?.toISOString() ?? null },
    contact: {
      name: shown(row.contact_name),
      phone: shown(row.contact_phone),
      date_of_birth: shown(row.contact_date_of_birth),
    },
    candidates: row.candidates.map(({ patient, ...candidate }) => ({
      ...candidate,
      patient: patient && {
        id: patient.id,
        first_name: shown(patient.first_name),
        last_name: shown(patient.last_name),
        date_of_birth: shown(patient.date_of_birth),
      },
    })),
    patient_id: row.patient_id,
    decided_by: row.decided_by,
    decided_at: row.decided_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  };
}

/**
 * Who a new patient is, as far as the body says; undefined where the phone is none.
 * @param country of numbers without a country code
 */
export function toNewPatient(
  body: z.infer<typeof newBody>,
  country: string,
): Partial<NewPatient> | undefined {
  const phone = body.phone === undefined ? undefined : toE164(body.phone, country);
  if (phone === null) return undefined;
  const isNamed = body.first_name !== undefined || body.last_name !== undefined;
  return {
    // A name is one: half of another one would not be taken from the record.
    ...(isNamed && { firstName: body.first_name ?? null, lastName: body.last_name ?? null }),
    ...(body.date_of_birth !== undefined && { dateOfBirth: body.date_of_birth }),
    ...(phone !== undefined && { phone }),
  };
}
