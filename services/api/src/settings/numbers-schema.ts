import { type ClinicNumberRow, numberChannels } from '@switchboard/postgres/api/clinic-numbers';
import { z } from 'zod';
import { line } from '../paging/parameters.ts';
import { accountSid, overlapHours, secretText } from './settings-schema.ts';

const channel = z.enum(numberChannels);
const number = z
  .string()
  .max(40)
  .describe('With its country code (+91 22 4000 1234), or as it is dialled in the clinic’s country.');
const label = line(100).nullable().describe('What the clinic calls it.');

/** Body of `POST /settings/numbers`. */
export const newNumber = z.strictObject({ channel, number, label: label.optional() });

/** Path of a number. */
export const numberName = z.object({
  channel,
  number: z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number with its country code, e.g. +912240001234'),
});

/** Body of `PATCH /settings/numbers/{channel}/{number}`. */
export const numberChange = z
  .strictObject({
    number: number.optional(),
    label: label.optional(),
    sends: z.literal(true).optional().describe('Write from this one from now on.'),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'must be one field or more',
  });

/** Body of `PUT /settings/twilio`. */
export const twilioChange = z
  .strictObject({
    account_sid: accountSid.describe('Null: no account; its tokens go at once.'),
    auth_token: secretText
      .optional()
      .describe('Kept sealed and never shown. Left out: the one that is there.'),
    overlap_hours: overlapHours.describe('How long the tokens before it still prove Twilio’s webhooks.'),
  })
  .refine(({ account_sid, auth_token }) => account_sid !== null || auth_token === undefined, {
    error: 'must have an account that the token is of',
    path: ['account_sid'],
  });

/** What the clinic is reached by, and sends with. */
export const senders = z.object({
  numbers: z.array(
    z.object({
      channel: z.string(),
      number: z.string(),
      label: z.string().nullable(),
      sends: z
        .boolean()
        .describe('Messages go out from it where the patient has not written to another. Of WhatsApp alone.'),
      created_at: z.string(),
    }),
  ),
  twilio: z.object({
    account_sid: z.string().nullable(),
    auth_token: z.enum(['set', 'not_set']),
    can_send: z
      .boolean()
      .describe(
        'Whether WhatsApp messages can go out: by what is here or, of the default clinic, in the installation’s settings.',
      ),
  }),
  version: z.number(),
});

export function presentNumbers(rows: readonly ClinicNumberRow[]): z.infer<typeof senders>['numbers'] {
  const firstOf = new Map<string, string>();
  for (const row of rows) if (!firstOf.has(row.channel)) firstOf.set(row.channel, row.number);
  return rows.map((row) => ({
    channel: row.channel,
    number: row.number,
    label: row.label,
    sends: row.channel === 'whatsapp' && firstOf.get(row.channel) === row.number,
    created_at: row.created_at.toISOString(),
  }));
}
