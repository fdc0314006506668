import type { IncomingMessage } from '@switchboard/kafka';
import { createLogger, createMetrics, type Metrics, noTracing } from '@switchboard/platform';
import { expect, it } from 'vitest';
import { createEnrichMetrics } from './enrich-metrics.ts';
import type { Arrived } from './events.ts';
import { type HandleBatchesDeps, handleBatches } from './handle-batches.ts';
import { ok } from './pipeline/results.ts';

const now = Date.parse('2026-11-20T05:02:12.000Z');
const context = {
  signal: new AbortController().signal,
  isStale: () => false,
  attempt: 1,
};

/** A handler whose pipeline leaves every event as it is. @param runs gets how many events each run of it is given */
function handler(
  metrics: Metrics,
  guard: HandleBatchesDeps['guard'],
  runs: number[] = [],
  logger = createLogger({ service: 'test', level: 'silent' }),
) {
  return handleBatches(
    {
      prefix: '',
      guard,
      setAside: async () => undefined,
      logger,
      metrics: createEnrichMetrics(metrics),
      tracing: noTracing,
      now: () => now,
    },
    {
      pipe: () => {
        throw new Error('it has no further step');
      },
      run: async (inputs: readonly Arrived[]) => {
        runs.push(inputs.length);
        return inputs.map(() => ok({ event: { received_at: now - 500 } }));
      },
    },
    () => null,
  );
}

function batchOf(partition: number, headers: readonly Record<string, string>[]) {
  const messages = headers.map(
    (told, offset): IncomingMessage => ({
      ...{ key: null, value: Buffer.alloc(0), timestamp: now, headers: told },
      partition,
      offset: String(offset),
    }),
  );
  const lastOffset = String(messages.length - 1);
  return { topic: 'voice-call.received.v1', partition, messages, firstOffset: '0', lastOffset };
}

it('what is put back after days counts as enriched, and its days as no delay', async () => {
  const metrics = createMetrics('test');
  const handle = handler(
    metrics,
    ({ work }) =>
      (batch) =>
        work(batch, batch.messages, { attempts: 1, isSuspect: false }),
  );
  await handle(batchOf(0, [{}, { 'replay-id': 'r' }, { 'taken-again': '1' }]), context);
  const { body } = await metrics.render();
  expect(body).toMatch(/^switchboard_enrich_events_total\{.*outcome="ok".*\} 3$/m);
  expect(body).toMatch(/^switchboard_enrich_delay_seconds_count(\{.*\})? 1$/m);
});

it('the log names the event that is set aside and its trace, and nothing of the patient', async () => {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test' }, { write: (line) => void lines.push(line) });
  const handle = handler(
    createMetrics('test'),
    ({ putKillerAside }) =>
      async (batch) => {
        for (const message of batch.messages) await putKillerAside(batch, message, now);
      },
    [],
    logger,
  );
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const batch = batchOf(0, [{ 'event-id': 'of the event', traceparent }]);
  const messages = batch.messages.map((one) => ({
    ...one,
    value: Buffer.from('Zzsecretzz'),
    key: 'a:Zzsecretzz',
  }));
  await handle({ ...batch, messages }, context);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      msg: 'event set aside',
      reason: 'process_killed',
      event_id: 'of the event',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    }),
  ]);
  expect(lines.join()).not.toContain('Zzsecretzz');
});

it('what may have ended the process is in a run of its own, and what a fetch brings besides in one', async () => {
  const runs: number[] = [];
  const handle = handler(
    createMetrics('test'),
    ({ work }) =>
      (batch) =>
        work(batch, batch.messages, { attempts: 1, isSuspect: batch.partition === 0 }),
    runs,
  );
  await Promise.all(
    [batchOf(0, [{}, {}]), batchOf(1, [{}]), batchOf(2, [{}, {}, {}])].map((one) => handle(one, context)),
  );
  expect(runs.sort()).toEqual([2, 4]);
});
