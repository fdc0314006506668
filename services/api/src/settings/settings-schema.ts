import { isHostPattern } from '@switchboard/media/fetching/allowed-hosts';
import type { ClinicSettings, StoredSettings, WebhookSecretRow } from '@switchboard/postgres/api/settings';
import type { TenantQuotas } from '@switchboard/postgres/tenancy/quotas';
import { z } from 'zod';
import { line } from '../paging/parameters.ts';

/** A time of day in wall time; 24:00 is the end of the day. */
export const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'must be a time, e.g. 09:30', abort: true });

const span = z
  .tuple([time, time])
  .refine(([start, end]) => start < end, { error: 'must begin before it ends, as ["09:00","17:30"]' });

const day = z
  .array(span)
  .max(10)
  .refine((spans) => spans.every(([start], index) => index === 0 || (spans[index - 1]?.[1] ?? '') <= start), {
    error: 'must be in order and not overlap',
  });

const weekday = z.string().regex(/^[1-7]$/, 'must be a weekday, 1 (Monday) to 7');

const days = z.int().min(1).max(36_500);

const retention = z.strictObject({
  recordings: days.optional(),
  media: days.optional(),
  transcripts: days.optional(),
  messages: days.optional(),
  calls: days.optional(),
  appointments: days.optional(),
  journeys: days.optional().describe('Since they ended, or their last step.'),
  patients: days.optional().describe('Since anything was heard of them; then they are erased for good.'),
});

const chance = z.number().min(0).max(1);

export const accountSid = z
  .string()
  .regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hexadecimal digits')
  .nullable();

/** What a sender signs with. */
export const secretText = z
  .string()
  .min(16, 'must be 16 characters or longer')
  .max(500)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

export const overlapHours = z
  .int()
  .min(0)
  .max(24 * 30)
  .default(24);

const fields = {
  name: line(200),
  time_zone: line(100)
    .refine(isZone, { error: 'must be an IANA zone, e.g. Asia/Kolkata' })
    .describe('IANA name. Numbers follow to the new zone’s days by themselves.'),
  first_weekday: z.int().min(1).max(7).describe('1 Monday … 7 Sunday.'),
  locale: z
    .string()
    .max(35)
    .refine(isLocale, { error: 'must be a language tag, e.g. en-IN' })
    .describe('BCP 47.'),
  webhook_modes: z
    .array(z.enum(['standard', 'zoice', 'vapi', 'retell', 'secret']))
    .min(1)
    .max(5)
    .describe('How webhooks may be signed. `secret` sends the secret itself.'),
  match_thresholds: z
    .strictObject({ link: chance, review: chance })
    .refine(({ link, review }) => review <= link, { error: 'must have `review` at most as large as `link`' })
    .describe('From which score on a record is linked without asking, and from which on a person is asked.'),
  retention_days: retention.describe(
    'How long each kind of record is kept; a kind that is left out is kept, and the audit log always is.',
  ),
  business_hours: z
    .record(weekday, day)
    .describe('Weekday to spans in the clinic’s zone; one that is left out is closed, {} is always open.'),
  first_response_target_minutes: z.int().min(1).max(10_080),
  reopen_conversation_days: z.int().min(0).max(365),
  recording_hosts: z
    .array(
      z.string().refine(isHostPattern, {
        error: 'must be a host in small letters, e.g. cdn.example.com or *.example.com',
      }),
    )
    .max(50)
    .describe(
      'Hosts that recordings may be fetched from, with `*.` all below one; beside those of the installation.',
    ),
  twilio_account_sid: accountSid.describe(
    'The clinic’s own account with Twilio; its token is a webhook secret of kind `twilio`. Null: none.',
  ),
};

/** Body of `PATCH /settings`: what is to change. */
export const settingsChange = z
  .strictObject(fields)
  .partial()
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'must be one field or more',
  });

/** Who changes says which version that is made from. */
export const ifMatch = z.looseObject({
  'if-match': z
    .string({ error: 'must be the `ETag` that `GET /settings` answered with' })
    .regex(/^"\d{1,9}"$/, 'must be the `ETag` that `GET /settings` answered with'),
});

/** Body of `POST /settings/webhook-secrets`. */
export const newWebhookSecret = z.strictObject({
  kind: z.enum(['voice', 'twilio']),
  secret: secretText
    .optional()
    .describe('As the sender has it. Unless given, one is made and shown once; Twilio’s is always Twilio’s.'),
  overlap_hours: overlapHours.describe('How long the secrets before it work.'),
});

const webhookSecret = z.object({
  id: z.string(),
  kind: z.string(),
  not_after: z.string().nullable().describe('When it stops to work; null: in force.'),
  created_at: z.string(),
});

export const settings = z.object({
  ...fields,
  webhook_modes: z.array(z.string()),
  retention_days: z.record(z.string(), z.number()),
  business_hours: z.record(z.string(), z.array(z.tuple([z.string(), z.string()]))),
  slug: z.string(),
  country: z.string(),
  quotas: z
    .object({
      events_per_minute: z.number().nullable().describe('Webhooks of calls, and as many of messages.'),
      records_per_minute: z.number().nullable().describe('Events of the clinic’s system.'),
      requests_per_minute: z.number().nullable().describe('Requests to this API.'),
    })
    .describe('What the clinic may use; null: as much as others. The installation’s operator decides on it.'),
  webhook_secrets: z.array(webhookSecret).describe('The secrets themselves are never shown.'),
  version: z.number(),
  updated_at: z.string(),
});

export const createdSecret = z.object({
  id: z.string(),
  secret: z.string().nullable().describe('Shown this once; null where the request had one.'),
});

export function presentSettings(
  row: StoredSettings,
  secrets: readonly WebhookSecretRow[],
  quotas: TenantQuotas,
) {
  const { settings_version: version, match_link_threshold, match_review_threshold, ...stored } = row;
  return {
    ...stored,
    quotas,
    match_thresholds: { link: rounded(match_link_threshold), review: rounded(match_review_threshold) },
    webhook_secrets: secrets.map((secret) => ({
      id: secret.id,
      kind: secret.kind,
      not_after: secret.not_after?.toISOString() ?? null,
      created_at: secret.created_at.toISOString(),
    })),
    version,
    updated_at: row.updated_at.toISOString(),
  };
}

/** The change in terms of the columns. */
export function toSettings(change: z.infer<typeof settingsChange>): Partial<ClinicSettings> {
  const { match_thresholds: thresholds, webhook_modes: modes, retention_days: kept, ...same } = change;
  return {
    ...same,
    ...(modes && { webhook_modes: [...new Set(modes)] }),
    ...(kept && { retention_days: Object.fromEntries(Object.entries(kept).filter(([, value]) => value)) }),
    ...(thresholds && {
      match_link_threshold: thresholds.link,
      match_review_threshold: thresholds.review,
    }),
  };
}

/** Single precision, as stored. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

function isZone(text: string): boolean {
  try {
    return (
      new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '' &&
      /[A-Za-z]/.test(text[0] ?? '')
    );
  } catch {
    return false;
  }
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
