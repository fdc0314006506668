import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { deadLetterReasons, deadLetterStages } from '@switchboard/domain/dead-letter-reasons';
import { createCodec, createProducer } from '@switchboard/kafka';
import { createLogger, createMetrics, createSealer, type Metrics } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import { beforeAll, describe, expect, it } from 'vitest';
import { startReconciler } from '../../services/jobs/src/messaging/reconciler.ts';
import { startSendWorker } from '../../services/jobs/src/messaging/send-worker.ts';
import { createSinkMetrics } from '../../services/sink/src/clickhouse/sink-metrics.ts';
import { createDeadLetterHandler } from '../../services/sink/src/postgres/consume-dead-letters.ts';

const rules = readFileSync(
  fileURLToPath(new URL('../../infra/prometheus/alerts.yml', import.meta.url)),
  'utf8',
);
/** Name and wanted labels of each counter on whose increase an alert counts. */
const counted = [...rules.matchAll(/increase\((\w+)(?:\{([^}]*)\})?\[/g)].map(
  ([, name = '', labels = '']) => [name, labels] as const,
);

let shown: string[];
beforeAll(async () => {
  const metrics = createMetrics('test');
  await makeAll(metrics);
  shown = (await metrics.render()).body.split('\n');
});

describe('before anything has happened', () => {
  it('there are counters on whose increase alerts count', () => {
    expect(counted.map(([name]) => name).sort()).toEqual([
      'switchboard_block_failures_total',
      'switchboard_dead_letters_stored_total',
      'switchboard_message_sends_total',
      'switchboard_webhooks_filled_in_total',
    ]);
  });

  it.each(counted)('%s{%s} is shown as 0: from 1 on its first increase would be none', (name, labels) => {
    const samples = shown.filter((line) => line.startsWith(`${name}{`) && line.includes(labels));
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) expect(sample).toMatch(/ 0$/);
  });

  it('each stage and reason of dead letters is', () => {
    const samples = shown.filter((line) => line.startsWith('switchboard_dead_letters_stored_total{'));
    for (const stage of deadLetterStages)
      for (const reason of Object.keys(deadLetterReasons))
        expect(samples.some((one) => one.includes(`stage="${stage}",reason="${reason}"`))).toBe(true);
    expect(samples.some((one) => one.includes('reason="unstorable"'))).toBe(true);
  });
});

/** Makes what the services make at their start; nothing that they ask answers. */
async function makeAll(metrics: Metrics): Promise<void> {
  const pool = createPool({ url: 'postgres://127.0.0.1:1/nowhere', applicationName: 'test' });
  const codec = createCodec({ registryUrl: 'http://127.0.0.1:1', prefix: '', cacheDir: tmpdir() });
  const producer = createProducer({ brokers: ['127.0.0.1:1'], clientId: 'test' });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const sealer = createSealer(Buffer.alloc(32, 7));
  const pseudonymKey = Buffer.alloc(32, 7);
  const twilio = { apiUrl: 'http://127.0.0.1:1', timeoutMs: 1_000 };
  const failures = metrics.counter('failures_total', 'Failures.', ['job']);
  const jobs = { pool, producer, codec, logger, sealer, pseudonymKey, metrics, failures, twilio };
  createDeadLetterHandler({
    pool,
    attempts: createLoneAttempts(pool),
    codec,
    sealer,
    pseudonymKey,
    logger,
    metrics,
  });
  createSinkMetrics(metrics);
  const workers = [
    startSendWorker({
      ...jobs,
      settings: {},
      now: Date.now,
      pauses: { attempts: [], looks: [], unanswered: 1 },
      settledMs: 1,
      markMs: 1,
      concurrency: 1,
      perSecond: 1,
      callbackUrl: () => undefined,
      mediaUrl: () => undefined,
    }),
    startReconciler({
      ...jobs,
      ...{ settings: {}, now: Date.now, prefix: '', apiUrl: twilio.apiUrl },
      ...{ lookMs: 1, wholeMs: 1, overlapMs: 1, settleMs: 1 },
    }),
  ];
  await Promise.all(workers.map((worker) => worker.stop()));
  await producer.close();
  await pool.end();
}
