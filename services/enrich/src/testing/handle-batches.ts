/**
 * A process that enriches what one fetch brought, batches of several partitions at once, and does to itself what a transcript
 * says (hostile-codec.ts). Its standard input is `{databaseUrl, registryUrl, prefix, cacheDir, batches: [{partition, messages:
 * [{offset, value}]}]}`, values in base64; it prints `sent EVENT-ID`, `aside OFFSET REASON STAGE ATTEMPTS`, and `finished PARTITION`.
 */
import { json } from 'node:stream/consumers';
import { extractCall, ruleExtractor } from '@switchboard/domain/extraction';
import { createLogger, createMetrics, noTracing } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { guardBatches } from '@switchboard/postgres/pipeline/guard-batches';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import { batchOf, firstTry, givenBatches } from '@switchboard/testkit/given-batches';
import { z } from 'zod';
import { createClinicCache } from '../clinic-cache.ts';
import { createEnrichCalls } from '../enrich-calls.ts';
import { createEnrichMetrics } from '../enrich-metrics.ts';
import { createReader } from '../read-postgres.ts';
import { hostileCodec } from './hostile-codec.ts';

const input = z
  .object({
    databaseUrl: z.string(),
    registryUrl: z.string(),
    prefix: z.string(),
    cacheDir: z.string(),
    batches: givenBatches,
  })
  .parse(await json(process.stdin));

const { prefix } = input;
const pool = createPool({ url: input.databaseUrl, applicationName: 'handle-batches' });
const attempts = createLoneAttempts(pool);
const codec = hostileCodec({ registryUrl: input.registryUrl, prefix, cacheDir: input.cacheDir });
const reader = createReader(pool);
const print = (line: string) => process.stdout.write(`${line}\n`);
const handle = createEnrichCalls({
  codec,
  prefix,
  producer: {
    send: async ({ topic, value }) => {
      print(`sent ${(await codec.decode<VoiceCallEnriched>(topic, value)).event.event_id}`);
    },
  },
  extractorVersion: ruleExtractor.version,
  deadlineMs: 1_000,
  findClinics: createClinicCache({ load: reader.loadClinics, maxAgeMs: 60_000, now: Date.now }),
  loadPatients: reader.loadPatients,
  extractAll: async (inputs) => inputs.map((one) => ({ analysis: extractCall(one) })),
  guard: (work) => guardBatches({ pool, attempts, ...work }),
  setAside: async ({ place, reason, stage, attempts: begun }) =>
    print(`aside ${place?.split(' ').at(-1)} ${reason} ${stage} ${begun}`),
  logger: createLogger({ service: 'test', level: 'silent' }),
  metrics: createEnrichMetrics(createMetrics('test')),
  tracing: noTracing,
  now: Date.now,
});
await Promise.all(
  input.batches.map(async (given) => {
    await handle(batchOf(`${prefix}voice-call.received.v1`, given), firstTry);
    print(`finished ${given.partition}`);
  }),
);
await pool.end();
