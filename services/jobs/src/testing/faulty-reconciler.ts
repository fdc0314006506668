/** A process that compares Twilio's messages with ours until it dies at a step. Its standard input is {@link FaultyReconciler}. */
import { json } from 'node:stream/consumers';
import { createCodec, createProducer } from '@switchboard/kafka';
import { createLogger, createMetrics, createSealer } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { z } from 'zod';
import { startReconciler } from '../messaging/reconciler.ts';

const shape = z.object({
  fault: faultShape.SWITCHBOARD_FAULT,
  databaseUrl: z.string(),
  brokers: z.array(z.string()),
  registryUrl: z.string(),
  prefix: z.string(),
  cacheDir: z.string(),
  apiUrl: z.string(),
  sealKey: z.string(),
});

export type FaultyReconciler = z.infer<typeof shape>;

const input = shape.parse(await json(process.stdin));
const { prefix, apiUrl } = input;
const metrics = createMetrics('test');
startReconciler({
  pool: createPool({ url: input.databaseUrl, applicationName: 'faulty-reconciler' }),
  producer: createProducer({ brokers: input.brokers, clientId: 'faulty-reconciler' }),
  codec: createCodec({ registryUrl: input.registryUrl, prefix, cacheDir: input.cacheDir }),
  prefix,
  pseudonymKey: Buffer.alloc(32, 7),
  apiUrl,
  sealer: createSealer(Buffer.from(input.sealKey, 'base64')),
  settings: {},
  twilio: { apiUrl, timeoutMs: 5_000 },
  logger: createLogger({ service: 'test', level: 'silent' }),
  metrics,
  failures: metrics.counter('failures_total', 'Failures.', ['job']),
  lookMs: 3_600_000,
  wholeMs: 3_600_000,
  overlapMs: 86_400_000,
  settleMs: -1_000,
  now: Date.now,
  onStep: createFault({ SWITCHBOARD_FAULT: input.fault }),
});
