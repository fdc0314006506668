import {
  type ConfigShape,
  databaseUrl,
  inForm,
  kafkaShape,
  key32,
  port,
  redisShape,
  sealingShape,
  secret,
  wholeNumber,
} from '@switchboard/platform';
import { z } from 'zod';

const mebibyte = 1024 * 1024;

/** Settings of the ingest gateway, beside those of every service. */
export const ingestShape = {
  ...kafkaShape,
  PORT: port(8080),
  DATABASE_URL: databaseUrl('switchboard_ingest'),
  ...sealingShape,
  ...redisShape,
  PSEUDONYM_KEY: key32().describe(
    'Makes the keys of clinics’ records. Never change it: their events would lose their order.',
  ),
  DEFAULT_TENANT_ID: z.uuid().optional().describe('Clinic of a request that names none.'),
  ZOICE_WEBHOOK_SECRET: secret(z.string().min(8, 'must have 8 characters or more').optional()).describe(
    'A webhook secret of the default clinic, beside its own.',
  ),
  TWILIO_WEBHOOK_SECRET: secret(z.string().min(8, 'must have 8 characters or more').optional()).describe(
    'What Twilio signs webhooks with, which is the account’s token.',
  ),
  TWILIO_PUBLIC_URL: inForm(
    'where Twilio reaches ingest, e.g. https://hooks.clinic.example',
    z.url().optional(),
  ).describe(
    'Before the path of webhooks, as Twilio was told it and signs it. Unset: its webhooks are refused.',
  ),
  INGEST_TENANTS_REFRESH_MS: wholeNumber(30_000, 100, 3_600_000).describe(
    'How often clinics and their secrets are read again, ms.',
  ),
  INGEST_MAX_BODY_BYTES: wholeNumber(5 * mebibyte, 1_024, 5 * mebibyte).describe(
    'Largest body, bytes; a larger one is answered 413.',
  ),
  INGEST_ADDRESS_LIMIT_PER_MINUTE: wholeNumber(6_000, 1, 1e9).describe(
    'Requests per minute and address that proved nothing; those of a proven sender are given back.',
  ),
  INGEST_TENANT_LIMIT_PER_MINUTE: wholeNumber(600_000, 1, 1e9).describe(
    'Events per minute and clinic that has no quota of its own: calls so many, messages and records as many each.',
  ),
  INGEST_MAX_BYTES_IN_FLIGHT: wholeNumber(64 * mebibyte, 5 * mebibyte, 16_384 * mebibyte).describe(
    'Bytes of bodies held in memory at a time; more is answered 503. Records may take a quarter, or one body.',
  ),
  INGEST_MAX_REQUESTS_IN_FLIGHT: wholeNumber(4_000, 1, 1_000_000).describe(
    'Requests worked on at a time; more are answered 503.',
  ),
  INGEST_REQUEST_TIMEOUT_MS: wholeNumber(30_000, 1_000, 300_000).describe(
    'A whole request must be here within this, ms.',
  ),
  INGEST_SEND_DEADLINE_MS: wholeNumber(1_500, 100, 1_900).describe(
    'How long the broker’s answer is awaited before a vendor is told to come again, ms.',
  ),
  INGEST_REPLAYS_MS: wholeNumber(2_000, 100, 3_600_000).describe(
    'How often it is looked whether bodies that were set aside are to be taken again, ms.',
  ),
  INGEST_DRAIN_DELAY_MS: wholeNumber(0, 0, 20_000).describe(
    'How long `/readyz` says no before connections are refused, so that load balancers notice, ms.',
  ),
  INGEST_TRUST_PROXY: inForm(
    'a number, or addresses separated by commas',
    z
      .string()
      .default('')
      .transform((text): false | number | string[] => {
        if (text === '') return false;
        return /^\d+$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim());
      }),
  ).describe('Proxies whose `X-Forwarded-For` is believed: how many, or which; unset: none.'),
} satisfies ConfigShape;
