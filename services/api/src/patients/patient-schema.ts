import { timelineKinds } from '@switchboard/postgres/api/patient-timeline';
import { z } from 'zod';

const text = z.string().nullable();
const phi = (of: string) => text.describe(`${of}; null for those who may not see it.`);

const name = { first_name: phi('First name'), last_name: phi('Last name') };

export const patientListItem = z.object({
  id: z.string(),
  ...name,
  date_of_birth: phi('ISO date'),
  phones: z.array(z.string()).describe('E.164, of those merged into it too.'),
  external_id: text.describe('The clinic system’s id.'),
  test_data: z.boolean(),
  created_at: z.string(),
});

export const patientList = z.object({
  patients: z.array(patientListItem),
  pagination: z.object({ limit: z.number(), offset: z.number(), total: z.number() }),
});

export const timelineItem = z.object({
  kind: z.enum(timelineKinds),
  id: z.string(),
  at: z.string().describe('Start of a call, appointment or journey; last message of a conversation.'),
  status: text,
  channel: text,
  direction: text,
  intent: text,
  outcome: text,
  duration_seconds: z.number().nullable(),
  ends_at: text,
  practitioner: text,
  title: text.describe(
    'Type of the appointment or journey; that of a journey in words is null for those who may not see PHI.',
  ),
  text: phi('Summary of the call, reason of the appointment'),
});

export const patientDetail = z.object({
  id: z.string(),
  status: z.enum(['active', 'merged']),
  merged_into: text.describe('The patient that stands for this one since a merge; its records are there.'),
  ...name,
  date_of_birth: phi('ISO date'),
  language: text,
  origin: z.string(),
  source: text,
  external_id: phi('The clinic system’s id'),
  placeholder: z.boolean().describe('Known by a reference alone so far.'),
  test_data: z.boolean(),
  identifiers: z
    .array(
      z.object({
        kind: z.string(),
        value: z.string(),
        patient_id: z.string().describe('Whose it is: of one that was merged into this patient, perhaps.'),
      }),
    )
    .nullable()
    .describe('Phones, record numbers; null for those who may not see them.'),
  merged: z
    .array(z.object({ id: z.string(), ...name, merged_at: z.string(), survivor_id: z.string() }))
    .describe('Patients that this one stands for since they were merged.'),
  created_at: z.string(),
  updated_at: z.string(),
  timeline: z.object({ items: z.array(timelineItem), next_cursor: text }),
});

export const mergeAnswer = z.object({
  patient_id: z.string().describe('The patient that now stands for the one in the path.'),
  changed: z.boolean().describe('False: it was so before.'),
});

export type PatientListItem = z.infer<typeof patientListItem>;
export type PatientDetailBody = z.infer<typeof patientDetail>;
export type TimelineItem = z.infer<typeof timelineItem>;
