import { appointmentEventTypes } from '@switchboard/postgres/webhooks/event-types';
import { z } from 'zod';
import { line } from '../paging/parameters.ts';

const instant = z.string().nullable().describe('RFC 3339.');
const url = line(2_000).describe('Where it is posted to, by https; redirects are not followed.');
const eventTypes = z
  .array(z.enum(appointmentEventTypes))
  .max(appointmentEventTypes.length)
  .describe('What it is told; empty: all there is, and will be.');
const patientNames = z
  .boolean()
  .describe(
    'Whether it is told the patient’s first and last name, besides ids. For the clinic’s own system alone.',
  );

export const newEndpoint = z.strictObject({
  url,
  event_types: eventTypes.default([]),
  patient_names: patientNames.default(false),
});

export const endpointChanges = z
  .strictObject({
    url: url.optional(),
    event_types: eventTypes.optional(),
    patient_names: patientNames.optional(),
  })
  .refine(
    (changes) => Object.values(changes).some((value) => value !== undefined),
    'must be at least one change',
  );

export const rotation = z.strictObject({
  overlap_hours: z
    .int()
    .min(0)
    .max(168)
    .default(24)
    .describe('How long the secret before goes on signing beside the new one.'),
});

export const endpoint = z.object({
  id: z.string(),
  url,
  event_types: z.array(z.string()),
  patient_names: patientNames,
  state: z.enum(['active', 'paused']),
  paused_at: instant,
  paused_reason: z
    .enum(['gone', 'failing', 'by_user'])
    .nullable()
    .describe('gone: it answered 410; failing: it took nothing for three days.'),
  failing_since: instant,
  not_before: instant.describe('It asked for a pause until then.'),
  previous_secret_until: instant.describe('Until then two secrets sign.'),
  created_at: z.string(),
  updated_at: z.string(),
});

export const endpointList = z.object({ endpoints: z.array(endpoint) });

export const endpointWithSecret = endpoint.extend({
  secret: z.string().describe('`whsec_…`, to check signatures with (Standard Webhooks). Shown this once.'),
});

export const deliveryQuery = z.strictObject({
  state: z.enum(['pending', 'delivered', 'failed']).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
});

export const deliveryList = z.object({
  deliveries: z.array(
    z.object({
      id: z.string().describe('The `webhook-id`.'),
      event_type: z.string(),
      entity_id: z.string(),
      entity_version: z.number(),
      state: z.enum(['pending', 'delivered', 'failed']),
      attempts: z.number(),
      next_attempt_at: instant,
      last_status: z.number().nullable(),
      last_error: z
        .string()
        .nullable()
        .describe(
          'Why there was no answer: timeout, not_resolved, address_refused, not_connected, tls_failed.',
        ),
      delivered_at: instant,
      created_at: z.string(),
    }),
  ),
  pagination: z.object({ limit: z.number(), offset: z.number() }),
});

export const queuedDelivery = z.object({ delivery_id: z.string(), status: z.literal('queued') });
