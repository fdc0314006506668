import { type ConfigShape, kafkaShape, key32, port, secret } from '@switchboard/platform';
import { z } from 'zod';

const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** Settings of enrichment, beside those of every service. */
export const enrichShape = {
  ...kafkaShape,
  PORT: port(8101),
  DATABASE_URL: secret(z.url()),
  SECRETS_KEY: key32(),
  /** How old a clinic's zone, region and practitioners may be. */
  ENRICH_CLINIC_MAX_AGE_MS: whole(30_000, 0, 3_600_000),
  /** How long reading one transcript may take. */
  ENRICH_EXTRACTION_BUDGET_MS: whole(60_000, 100, 600_000),
  ENRICH_EXTRACTION_HEAP_MB: whole(512, 64, 16_384),
  /** How long the broker's answer is awaited before a batch is tried again. */
  ENRICH_SEND_DEADLINE_MS: whole(10_000, 500, 120_000),
} satisfies ConfigShape;
