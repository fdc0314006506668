import { SwitchboardError } from '@switchboard/platform';
import { expect, test } from 'vitest';
import type { Scored } from '../events.ts';
import { createEmitEnrichedStep } from './emit-enriched.ts';

const scored: Scored = JSON.parse(
  '{"event":{"event_id":"0192f0c1-2d3e-5f40-8a5b-6c7d8e9f0a1b","tenant_id":"t","call_id":"c","received_at":1},"message":{"headers":{}},"candidates":[]}',
);

const emitWith = (error: SwitchboardError) =>
  createEmitEnrichedStep({
    prefix: 'p.',
    extractorVersion: '1',
    deadlineMs: 1_000,
    codec: { encode: async () => Buffer.from('x') },
    producer: {
      send: async () => {
        throw error;
      },
    },
  })([scored]);

test('a broker that does not know the topic yet makes no dead letter: the batch comes again', async () => {
  const error = new SwitchboardError('message_refused', 'the broker said so', { retryable: true });
  await expect(emitWith(error)).rejects.toBe(error);
});

test('a message that no broker will ever take is set aside', async () => {
  const results = await emitWith(new SwitchboardError('message_too_large', 'too many bytes'));
  expect(results).toMatchObject([{ kind: 'dead_letter', reason: 'invalid_event' }]);
});
