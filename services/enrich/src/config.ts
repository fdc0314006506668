import {
  type ConfigShape,
  databaseUrl,
  kafkaShape,
  port,
  sealingShape,
  wholeNumber,
} from '@switchboard/platform';

/** Settings of enrichment, beside those of every service. */
export const enrichShape = {
  ...kafkaShape,
  PORT: port(8101),
  DATABASE_URL: databaseUrl('switchboard_enrich'),
  ...sealingShape,
  ENRICH_CLINIC_MAX_AGE_MS: wholeNumber(30_000, 0, 3_600_000).describe(
    'How old a clinic’s zone, country and practitioners may be, ms.',
  ),
  ENRICH_EXTRACTION_BUDGET_MS: wholeNumber(4_000, 100, 600_000).describe(
    'CPU time for reading a transcript of 5 MiB, ms, of which a quarter is for the shortest; then it is a dead letter.',
  ),
  ENRICH_EXTRACTION_HEAP_MB: wholeNumber(512, 64, 16_384).describe('Most memory for reading one, MiB.'),
  ENRICH_SEND_DEADLINE_MS: wholeNumber(10_000, 500, 120_000).describe(
    'How long the broker’s answer is awaited before a batch is tried again, ms.',
  ),
} satisfies ConfigShape;
