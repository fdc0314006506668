import { randomUUID } from 'node:crypto';
import { Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { withAdmin } from './contract/kit.ts';
import { findRecord } from './find-record.ts';
import { createLogReader, ensureTopics, type LogReader } from './index.ts';

const broker = inject('engines').kafka;
const prefix = `find-${randomUUID()}.`;
const names = { topicPrefix: prefix, groupPrefix: prefix };
const count = 30_000;
const hour = 3_600_000;
const until = Date.now();
const since = until - hour;
const ids = Array.from({ length: count }, () => randomUUID());
/** When the record of an index came: one every 120 ms, over an hour. */
const cameAt = (index: number) => since + Math.floor((index / count) * hour);

describe('an event among 30,000 that wait', () => {
  let reader: LogReader;
  let read = 0;
  const counting = (): LogReader => ({
    ...reader,
    read: async (...args) => {
      const records = await reader.read(...args);
      read += records.length;
      return records;
    },
  });

  beforeAll(async () => {
    await ensureTopics({ brokers: [broker], prefix, partitions: 3 });
    // A send that is tried again adds nothing.
    const producer = new Producer({ clientId: 'find', bootstrapBrokers: [broker], idempotent: true });
    const value = Buffer.alloc(500, 'x');
    for (let from = 0; from < count; from += 500) {
      const messages = ids.slice(from, from + 500).map((id, at) => ({
        topic: `${prefix}voice-call.received.v1`,
        key: Buffer.from(`call ${from + at}`),
        value,
        headers: new Map([[Buffer.from('event-id'), Buffer.from(id)]]),
        timestamp: BigInt(cameAt(from + at)),
      }));
      await producer.send({ messages });
    }
    await producer.close();
    reader = createLogReader({ brokers: [broker], clientId: 'find', timeoutMs: 20_000 });
  });
  afterAll(async () => {
    reader.close();
    await withAdmin(broker, async (admin) => {
      const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
      await admin.deleteTopics({ topics });
    });
  });

  const find = async (eventId: string, around: number, ms = 60_000) => {
    read = 0;
    const begunAt = performance.now();
    const search = { eventIds: [eventId], around, deadline: Date.now() + ms };
    const said = await findRecord(counting(), names, search);
    console.info(`${read} records read in ${Math.round(performance.now() - begunAt)} ms`);
    return said;
  };
  /** A read is of 1 MiB, some 1,700 records, and one is made at the head of each of 3 partitions and at the place in it. */
  const aFewReads = 6 * 2_000;

  it.each([
    { name: 'that came last', index: count - 1, off: 0 },
    { name: 'of half an hour ago', index: count / 2, off: 0 },
    { name: 'of half an hour ago, remembered a minute wrong', index: count / 2, off: -60_000 },
    { name: 'that has waited longest', index: 0, off: 0 },
  ])('one $name is found by its time, and not all is read', async ({ index, off }) => {
    const id = ids[index] ?? '';
    const { found } = await find(id, cameAt(index) + off);
    expect(found).toMatchObject({
      topic: 'voice-call.received.v1',
      group: 'enrich',
      timestamp: cameAt(index),
    });
    expect(read).toBeLessThan(aFewReads);
  });

  it('one of whose time nothing is known is found, as all is gone through', async () => {
    const { found, looked } = await find(ids[3] ?? '', until);
    expect(found).toMatchObject({ timestamp: cameAt(3) });
    expect(looked).toBeLessThan(count);
    expect(await find(randomUUID(), until)).toMatchObject({ found: null, looked: count, complete: true });
  });

  it('what waits and since when is told when there is no time to go through it', async () => {
    const said = await find(ids[0] ?? '', until, 0);
    expect(said).toMatchObject({
      found: null,
      complete: false,
      backlogs: [{ group: 'enrich', messages: count }],
    });
  });
});
