import { type Codec, fullTopicName, type Producer } from '@switchboard/kafka';
import { SwitchboardError, sleep } from '@switchboard/platform';
import type { RecordImported } from '@switchboard/schemas';
import { takeTraceparent } from '../webhook/traceparent.ts';

export interface SendImportedOptions {
  producer: Pick<Producer, 'send'>;
  codec: Pick<Codec, 'encode'>;
  /** Of topic names. */
  prefix: string;
  /** Told when the broker or the registry is away; it is waited for. */
  onAway(): void;
  signal: AbortSignal;
}

const topic = 'record.import.v1';
const pauseMs = 1_000;
const deadlineMs = 20_000;

/**
 * Resolves when the broker has them all, however long it is away.
 *
 * @returns those that it will never take
 * @throws the last error when it was broken off
 */
export async function sendImported(
  options: SendImportedOptions,
  imported: readonly RecordImported[],
): Promise<RecordImported[]> {
  const taken = await Promise.all(imported.map((one) => sendUntilTaken(options, one)));
  return imported.filter((_, index) => !taken[index]);
}

async function sendUntilTaken(options: SendImportedOptions, imported: RecordImported): Promise<boolean> {
  const { producer, codec, prefix, onAway, signal } = options;
  const { event_id, tenant_id, entity_key, received_at } = imported.record;
  const headers = {
    'event-id': event_id,
    'tenant-id': tenant_id,
    traceparent: takeTraceparent(undefined),
    'received-at': new Date(received_at).toISOString(),
  };
  for (;;) {
    try {
      const value = await codec.encode(topic, imported);
      const key = `${tenant_id}:${entity_key}`;
      await producer.send({ topic: fullTopicName(prefix, topic), key, value, headers }, { deadlineMs });
      return true;
    } catch (error) {
      if (error instanceof SwitchboardError && !error.retryable) return false;
      if (signal.aborted) throw error;
      onAway();
      await sleep(pauseMs, signal);
    }
  }
}
