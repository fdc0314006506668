import { createLogger, createMetrics, noTracing } from '@switchboard/platform';
import { expect, it } from 'vitest';
import { createEnrichMetrics } from './enrich-metrics.ts';
import type { Arrived } from './events.ts';
import { handleBatches } from './handle-batches.ts';
import { ok } from './pipeline/results.ts';

it('what is put back after days counts as enriched, and its days as no delay', async () => {
  const metrics = createMetrics('test');
  const now = Date.parse('2026-11-20T05:02:12.000Z');
  const handle = handleBatches(
    {
      prefix: '',
      setAside: async () => undefined,
      logger: createLogger({ service: 'test', level: 'silent' }),
      metrics: createEnrichMetrics(metrics),
      tracing: noTracing,
      now: () => now,
    },
    {
      pipe: () => {
        throw new Error('it has no further step');
      },
      run: async (inputs: readonly Arrived[]) => inputs.map(() => ok({ event: { received_at: now - 500 } })),
    },
    () => null,
  );
  const told: Record<string, string>[] = [{}, { 'replay-id': 'r' }, { 'taken-again': '1' }];
  const messages = told.map((headers, offset) => ({
    ...{ key: null, value: Buffer.alloc(0), partition: 0, timestamp: now },
    headers,
    offset: String(offset),
  }));
  await handle(
    { topic: 'voice-call.received.v1', partition: 0, messages, firstOffset: '0', lastOffset: '2' },
    { heartbeat: async () => {}, signal: new AbortController().signal, isStale: () => false, attempt: 1 },
  );
  const { body } = await metrics.render();
  expect(body).toMatch(/^switchboard_enrich_events_total\{.*outcome="ok".*\} 3$/m);
  expect(body).toMatch(/^switchboard_enrich_delay_seconds_count(\{.*\})? 1$/m);
});
