import { z } from 'zod';
import { appointment } from '../appointments/appointment-schema.ts';
import { line } from '../paging/parameters.ts';
import { patientListItem } from '../patients/patient-schema.ts';

export const searchQuery = z.strictObject({
  q: line(200).describe(
    'Words said or written, a part of a patient’s name, a phone, a birth date, a confirmation code.',
  ),
});

export const snippet = z
  .array(z.object({ text: z.string(), match: z.boolean() }))
  .describe('A part of the text, with what was found marked; masked for readers without PHI.');

const callHit = z.object({
  call_id: z.string(),
  at: z.string(),
  turn: z.number(),
  speaker: z.string(),
  snippet,
});

const messageHit = z.object({
  message_id: z.string(),
  conversation_id: z.string(),
  at: z.string(),
  sender: z.string(),
  snippet,
});

export const searchAnswer = z.object({
  patients: z
    .object({ hits: z.array(patientListItem), total: z.number() })
    .nullable()
    .describe('Null for readers without PHI.'),
  calls: z.object({ hits: z.array(callHit) }).describe('Newest first.'),
  messages: z.object({ hits: z.array(messageHit) }).describe('Newest first.'),
  appointments: z.object({ hits: z.array(appointment) }).describe('That the code names.'),
});

export type SearchAnswer = z.infer<typeof searchAnswer>;
export type Snippet = z.infer<typeof snippet>;
