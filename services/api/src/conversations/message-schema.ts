import { z } from 'zod';
import { line, written } from '../paging/parameters.ts';

const text = z.string().nullable();
const instant = text.describe('RFC 3339.');

export const message = z.object({
  id: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  sender: z.object({
    kind: z.string().describe('patient, user, assistant or system.'),
    id: text,
    name: text.describe('Of a user.'),
  }),
  kind: z.string(),
  text: text.describe('Masked for readers without PHI.'),
  redacted: z.boolean().describe('Whether names and numbers were taken out for this reader.'),
  template: text,
  status: text.describe('queued, sent, delivered, read; failed, undelivered; unknown; received.'),
  status_at: instant,
  failure: z
    .object({ code: text, reason: z.string().describe('In words.') })
    .nullable()
    .describe('Why it did not arrive, or why nobody knows.'),
  sent_at: z.string(),
  edited_at: instant,
  quoted: z.object({ id: z.string(), direction: z.string(), kind: z.string(), text }).nullable(),
  media: z.array(
    z.object({
      position: z.number(),
      state: z.string().describe('pending: not here yet; stored; failed; expired.'),
      content_type: text,
      size_bytes: z.number().nullable(),
      url: text.describe('Ours; null where there is nothing to fetch, or for readers without PHI.'),
    }),
  ),
  reactions: z.array(z.object({ direction: z.string(), emoji: z.string(), at: z.string() })),
  language: text,
  intent: text,
  sentiment: text,
  entered_in_error: z.boolean(),
});

export const note = z.object({
  id: z.string(),
  author: z.object({ id: z.string(), name: text }).nullable(),
  text: text.describe('Null for readers without PHI.'),
  at: z.string(),
});

export const thread = z.object({
  messages: z.array(message).describe('In the order of sending.'),
  notes: z.array(note).describe('Of staff, written between these messages, in order; the newest 200.'),
  older_cursor: text.describe('Null: there are none before.'),
  newer_cursor: text.describe('Null: there are none after.'),
});

export const noteList = z.object({ notes: z.array(note).describe('Newest first.'), next_cursor: text });

export type Message = z.infer<typeof message>;
export type Note = z.infer<typeof note>;

/** Body of `POST /conversations/{id}/messages`. Twilio takes 1,600 characters. */
export const newMessage = z
  .strictObject({
    text: written(1_600).optional(),
    template: line(100)
      .optional()
      .describe('Instead of a text: its content SID, as Twilio knows it (`HX…`).'),
    variables: z
      .record(z.string().regex(/^\w{1,40}$/, 'must be a name of letters and digits'), line(1_000))
      .refine((variables) => Object.keys(variables).length <= 40, 'must be at most 40')
      .optional()
      .describe('Of the template.'),
    file_id: z.uuid().optional().describe('A file that `POST /files` took; alone, or with a text.'),
    quoted_message_id: z.uuid().optional().describe('A message of the conversation that it answers.'),
  })
  .refine(
    ({ text, template, file_id: file }) =>
      template === undefined
        ? text !== undefined || file !== undefined
        : text === undefined && file === undefined,
    { path: ['text'], error: 'must be a text or a file, or else a template' },
  )
  .refine(({ template, variables }) => template !== undefined || variables === undefined, {
    path: ['variables'],
    error: 'must be given with a template only',
  });

/** So that a second click, or a repeat after a time-out, sends nothing again. */
export const idempotency = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible characters')
    .optional()
    .describe(
      'Of the caller’s choice, one for each message: the same request again is answered with the same message.',
    ),
});

export const newNote = z.strictObject({ text: written(4_000) });
