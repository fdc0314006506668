import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { freePort, type KafkaEngine, startKafka } from '@switchboard/embedded';
import { sleep } from '@switchboard/platform';
import { type FaultProxy, startFaultProxy } from '@switchboard/testkit/fault-proxy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProducer } from '../index.ts';
import { createRecord, join, logger, makeTopic } from './kit.ts';

/** Longest until a new message is read, from the moment connections carry bytes again. */
const recoveryMs = 30_000;

let dataDir: string;
let proxy: FaultProxy;
let broker: KafkaEngine;
beforeAll(async () => {
  dataDir = await mkdtemp(joinPath(tmpdir(), 'switchboard-half-open-'));
  const port = await freePort();
  proxy = await startFaultProxy({ host: '127.0.0.1', port });
  broker = await startKafka({ dataDir, port, advertisedPort: proxy.port });
});
afterAll(async () => {
  await proxy?.stop();
  await broker?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

it('consumers whose connections are half open, some with a batch whose commit was on its way, read on by themselves', async () => {
  const url = `127.0.0.1:${proxy.port}`;
  const topic = await makeTopic(url);
  const producer = createProducer({ brokers: [url], clientId: 'contract', logger });
  // The last commits of the first two are asked for when no byte passes any more.
  const frozen = Promise.withResolvers<void>();
  const groups = await Promise.all(
    [true, true, false].map(async (waits) => {
      const record = createRecord();
      const consumer = await join(url, {
        topics: [topic],
        async handle({ messages }) {
          record.add(messages);
          if (waits) await frozen.promise;
        },
      });
      return { record, consumer };
    }),
  );
  await producer.send({ topic, key: 'k', value: Buffer.from('before') });
  await Promise.all(groups.map(({ record }) => record.has(1)));
  proxy.freeze();
  proxy.swallow(true);
  frozen.resolve();
  await sleep(15_000);
  proxy.swallow(false);
  const passableAt = performance.now();
  const isSent = () =>
    producer.send({ topic, key: 'k', value: Buffer.from('after') }).then(
      () => true,
      () => false,
    );
  while (!(await isSent())) await sleep(100);
  for (const { record } of groups)
    while (!record.distinct().has('after') && performance.now() - passableAt < 3 * recoveryMs)
      await sleep(20);
  expect(performance.now() - passableAt).toBeLessThan(recoveryMs);
  for (const { consumer } of groups) await consumer.stop();
  await producer.close();
}, 180_000);
