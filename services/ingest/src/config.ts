import { type ConfigShape, kafkaShape, key32, port, secret } from '@switchboard/platform';
import { z } from 'zod';

const mebibyte = 1024 * 1024;
const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** Settings of the ingest gateway, beside those of every service. */
export const ingestShape = {
  ...kafkaShape,
  PORT: port(8080),
  DATABASE_URL: secret(z.url()),
  SECRETS_KEY: key32(),
  /** Tenant of a webhook whose path names none. */
  DEFAULT_TENANT_ID: z.uuid().optional(),
  /** Secret of the default tenant, beside its own. */
  ZOICE_WEBHOOK_SECRET: secret(z.string().min(8, 'must have 8 characters or more').optional()),
  INGEST_TENANTS_REFRESH_MS: whole(30_000, 100, 3_600_000),
  /** Largest body, bytes. */
  INGEST_MAX_BODY_BYTES: whole(5 * mebibyte, 1_024, 5 * mebibyte),
  /** Requests per minute and address that proved nothing; those of a proven sender are given back. */
  INGEST_ADDRESS_LIMIT_PER_MINUTE: whole(6_000, 1, 1e9),
  /** Events per minute and tenant. */
  INGEST_TENANT_LIMIT_PER_MINUTE: whole(600_000, 1, 1e9),
  /** Bytes of bodies held in memory at a time; more is answered 503. */
  INGEST_MAX_BYTES_IN_FLIGHT: whole(64 * mebibyte, 5 * mebibyte, 16_384 * mebibyte),
  INGEST_MAX_REQUESTS_IN_FLIGHT: whole(4_000, 1, 1_000_000),
  /** A whole request must be here within this. */
  INGEST_REQUEST_TIMEOUT_MS: whole(30_000, 1_000, 300_000),
  /** How long the broker's answer is awaited before a vendor is told to come again. */
  INGEST_SEND_DEADLINE_MS: whole(1_500, 100, 1_900),
  /** How long readiness says no before connections are refused, so that load balancers notice. */
  INGEST_DRAIN_DELAY_MS: whole(0, 0, 60_000),
  /** Proxies whose X-Forwarded-For is believed: their number, or their addresses; unset: none. */
  INGEST_TRUST_PROXY: z
    .string()
    .default('')
    .transform((text): false | number | string[] => {
      if (text === '') return false;
      return /^\d+$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim());
    }),
} satisfies ConfigShape;
