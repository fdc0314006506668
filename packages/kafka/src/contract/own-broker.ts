import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KafkaEngine, startKafka } from '@switchboard/embedded';
import { afterAll, beforeAll } from 'vitest';

/** A broker for the tests of one block, which may kill it. @returns asks for it, once the tests run */
export function useOwnBroker(): () => KafkaEngine {
  let dataDir: string;
  let broker: KafkaEngine;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'switchboard-outage-'));
    broker = await startKafka({ dataDir });
  });
  afterAll(async () => {
    await broker.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  return () => broker;
}
