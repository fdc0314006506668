import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from '@switchboard/kafka';
import { createLogger, createMetrics, SwitchboardError } from '@switchboard/platform';
import { createPool, type Pool } from '@switchboard/postgres';
import { markInFlight } from '@switchboard/postgres/pipeline/in-flight';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import { enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import type { ChildRun } from '@switchboard/testkit/run-child';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  createEventHandler,
  createEventOutcomes,
  type EventHandlerOptions,
  type SetAside,
} from './consume-events.ts';
import { asideOf, createEnrichedStand, type EnrichedStand } from './testing/enriched-stand.ts';
import { writeEvents } from './write-events.ts';

let stand: EnrichedStand;
let codec: EnrichedStand['codec'];
let database: EnrichedStand['database'];
let tenantId: string;
let topic: string;
let pool: Pool;

beforeAll(async () => {
  stand = await createEnrichedStand(inject('engines'));
  ({ codec, database, tenantId, topic } = stand);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test-sink' });
});

afterAll(async () => {
  await pool.end();
  await stand.close();
});

const context = {
  attempt: 1,
  signal: new AbortController().signal,
  isStale: () => false,
};

const message = (offset: number, callId: string, tenant?: string) => stand.message(offset, callId, tenant);
const stored = (callIds: readonly string[]) => stand.stored(callIds);

function batchOf(partition: number, messages: IncomingMessage[]) {
  return {
    topic,
    partition,
    messages,
    firstOffset: messages[0]?.offset ?? '0',
    lastOffset: messages.at(-1)?.offset ?? '0',
  };
}

function handler(overrides: Partial<EventHandlerOptions<VoiceCallEnriched>> = {}) {
  const aside: SetAside[] = [];
  const lines: string[] = [];
  const handle = createEventHandler({
    pool,
    codec,
    logger: createLogger({ service: 'test' }, { write: (line) => void lines.push(line) }),
    outcomes: createEventOutcomes(createMetrics('test')),
    attempts: createLoneAttempts(pool),
    tenantOf: ({ event }: VoiceCallEnriched) => event.tenant_id,
    write: (tenant, events) =>
      writeEvents({ pool, pseudonymKey: Buffer.alloc(32), now: Date.now }, tenant, events),
    setAside: async (letter) => {
      aside.push(letter);
    },
    ...overrides,
  });
  return {
    handle,
    letters: aside,
    lines,
    aside: () => aside.map(({ message: { offset }, reason }) => `${offset} ${reason}`),
  };
}

describe('a batch with events that cannot go on', () => {
  it('lands all others, and sets these aside with their reasons', async () => {
    const { handle, aside } = handler();
    const refused = await message(13, 'bad-1');
    const badDirection = enrichedEvent(
      receivedEvent({ tenant_id: tenantId, call_id: 'bad-2', call: { direction: 'sideways' } }),
    );
    await handle(
      batchOf(0, [
        await message(10, 'good-1'),
        { ...refused, offset: '11', value: Buffer.from('not avro at all') },
        { ...refused, offset: '12', value: await codec.encode(topic, badDirection) },
        await message(13, 'lost', randomUUID()),
        {
          ...refused,
          offset: '14',
          value: Buffer.concat([Buffer.from([0, 127, 0, 0, 99]), Buffer.from('x')]),
        },
        await message(15, 'good-2'),
      ]),
      context,
    );
    expect(await stored(['good-1', 'good-2', 'bad-1', 'bad-2', 'lost'])).toEqual(['good-1', 'good-2']);
    expect(aside().sort()).toEqual([
      '11 not_avro',
      '12 row_refused',
      '13 unknown_tenant',
      '14 unknown_schema',
    ]);
  });
});

it('the log names the event that is set aside and its trace, and nothing of the patient', async () => {
  const { handle, lines } = handler();
  const secret = '+919876501234';
  const headers = {
    'event-id': 'of the event',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  };
  const refused = { ...(await message(31, 'x')), value: Buffer.from(`not avro: ${secret}`), headers };
  const badDirection = enrichedEvent(
    receivedEvent({
      tenant_id: tenantId,
      call_id: 'bad-3',
      call: { direction: 'sideways', from_number: secret },
    }),
  );
  const row = { ...refused, offset: '32', value: await codec.encode(topic, badDirection) };
  await handle(batchOf(0, [refused, row]), context);
  const told = {
    msg: 'event set aside',
    event_id: 'of the event',
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  };
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ ...told, reason: 'not_avro' }),
    expect.objectContaining({ ...told, reason: 'row_refused' }),
  ]);
  expect(lines.join()).not.toContain(secret.slice(1));
});

describe('an engine that is away', () => {
  it('is no fault of any event: the batch comes again and nothing is set aside (outpost #663)', async () => {
    let failures = 2;
    const { handle, aside } = handler({
      write: (tenant, events) => {
        failures -= 1;
        if (failures >= 0) throw Object.assign(new Error('terminating connection'), { code: '57P01' });
        return writeEvents({ pool, pseudonymKey: Buffer.alloc(32), now: Date.now }, tenant, events);
      },
    });
    const batch = batchOf(1, [await message(1, 'patient-1'), await message(2, 'patient-2')]);
    for (const _ of [1, 2]) await expect(handle(batch, context)).rejects.toMatchObject({ retryable: true });
    await handle(batch, context);
    expect(aside()).toEqual([]);
    expect(await stored(['patient-1', 'patient-2'])).toHaveLength(2);
  });

  it('whose dead letters cannot be sent either keeps the event', async () => {
    const { handle } = handler({
      setAside: async () => {
        throw new SwitchboardError('broker_unavailable', 'the broker is away', { retryable: true });
      },
    });
    const batch = batchOf(2, [await message(1, 'kept', randomUUID())]);
    await expect(handle(batch, context)).rejects.toMatchObject({
      code: 'broker_unavailable',
      retryable: true,
    });
  });
});

describe('what Postgres refuses everybody', () => {
  it.each(['42703', '42501', 'XX000'])(
    'is no fault of any event: %s ends the process, and nothing is lost',
    async (code) => {
      const { handle, aside } = handler({
        write: async () => {
          throw Object.assign(new Error('column "x" does not exist'), { code });
        },
      });
      const batch = batchOf(7, [await message(1, 'whole-1'), await message(2, 'whole-2')]);
      await expect(handle(batch, context)).rejects.toMatchObject({
        code: 'postgres_refused',
        retryable: false,
      });
      expect(aside()).toEqual([]);
    },
  );
});

describe('an event that kills the process', () => {
  it('is set aside after five deaths alone; all others land, of its partition and of those beside it (outpost #663: poison retried for ever)', async () => {
    const batches = [
      {
        partition: 3,
        messages: await Promise.all([
          message(20, 'before'),
          message(21, 'killer'),
          ...Array.from({ length: 14 }, (_, at) => message(22 + at, `after-${at}`)),
        ]),
      },
      { partition: 4, messages: [await message(50, 'beside-1'), await message(51, 'beside-2')] },
      { partition: 5, messages: [await message(70, 'beside-3')] },
    ];
    const runs: ChildRun[] = [];
    for (let run = 0; run < 12 && runs.at(-1)?.signal !== null; run += 1)
      runs.push(await stand.handleApart(batches));
    // Once in the batch, once in its part of two, then five times alone; the eighth run knows better.
    expect(runs.map((run) => run.signal)).toEqual([...Array(7).fill('SIGKILL'), null]);
    expect(asideOf(runs)).toEqual(['21 process_killed']);
    const afters = Array.from({ length: 14 }, (_, at) => `after-${at}`);
    const innocent = ['before', ...afters, 'beside-1', 'beside-2', 'beside-3'];
    expect(await stored([...innocent, 'killer'])).toEqual(innocent.sort());
    const attempts = async () =>
      (
        await database.admin.query(
          'SELECT partition, message_offset::int AS "offset" FROM in_flight_attempts WHERE partition BETWEEN 3 AND 5',
        )
      ).rows;
    // It is remembered until the offset has passed it.
    expect(await attempts()).toEqual([{ partition: 3, offset: 21 }]);
    await handler().handle(batchOf(3, [await message(36, 'afterwards')]), context);
    expect(await attempts()).toEqual([]);
  }, 300_000);

  it('and was set aside is not tried again where the rest of its batch is not finished yet', async () => {
    await markInFlight(pool, [{ topic, partition: 31, first: 40, last: 42 }]);
    await database.admin.query(
      'INSERT INTO in_flight_attempts (topic, partition, message_offset, attempts) VALUES ($1, 31, 41, 5)',
      [topic],
    );
    const tried: string[] = [];
    let away = true;
    const handleOnce = async () => {
      const { handle, aside } = handler({
        write: (tenant, events) => {
          tried.push(...events.map(({ event }) => event.event.call_id));
          if (away && tried.includes('unfinished'))
            throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
          return writeEvents({ pool, pseudonymKey: Buffer.alloc(32), now: Date.now }, tenant, events);
        },
      });
      await handle(batchOf(31, messages), context).catch(() => undefined);
      return aside();
    };
    const messages = await Promise.all([
      message(40, 'done'),
      message(41, 'guilty'),
      message(42, 'unfinished'),
    ]);
    expect(await handleOnce()).toEqual(['41 process_killed']);
    away = false;
    // A process that knows only what is stored: it is told again, under the same id.
    expect(await handleOnce()).toEqual(['41 process_killed']);
    expect(tried).not.toContain('guilty');
    expect(await stored(['done', 'unfinished'])).toHaveLength(2);
  });

  it('is not one at the same offset of a topic that was made anew', async () => {
    await database.admin.query(
      `INSERT INTO in_flight_attempts (topic, partition, message_offset, attempts, last_at) VALUES ($1, 30, 7, 6, '2026-01-01')`,
      [topic],
    );
    const { handle, aside } = handler();
    const old = await message(7, 'made-anew');
    await handle(batchOf(30, [{ ...old, timestamp: Date.parse('2026-01-02') }]), context);
    expect(aside()).toEqual([]);
    expect(await stored(['made-anew'])).toEqual(['made-anew']);
  });

  it('is known though the clock of its producer was ahead of that of Postgres', async () => {
    await database.admin.query(
      `INSERT INTO in_flight_attempts (topic, partition, message_offset, attempts, last_at) VALUES ($1, 32, 7, 6, '2026-01-01T12:00:00.123456Z')`,
      [topic],
    );
    const { handle, aside, letters } = handler();
    const ahead = { ...(await message(7, 'from-ahead')), timestamp: Date.parse('2026-01-01T12:59:00Z') };
    await handle(batchOf(32, [ahead]), context);
    expect(aside()).toEqual(['7 process_killed']);
    // Told with the time of its last attempt: as a new failure it would open a letter that was put back and has landed.
    // Whole milliseconds: no schema takes others.
    expect(letters[0]?.lastAt).toBe(Date.parse('2026-01-01T12:00:00.123Z'));
    expect(await stored(['from-ahead'])).toEqual([]);
  });

  it('that was one of many leaves the others to be written in parts', async () => {
    await markInFlight(pool, [{ topic, partition: 10, first: 0, last: 39 }]);
    const written: number[] = [];
    const { handle } = handler({
      write: async (tenant, events) => {
        written.push(events.length);
        return writeEvents({ pool, pseudonymKey: Buffer.alloc(32), now: Date.now }, tenant, events);
      },
    });
    const messages = await Promise.all(Array.from({ length: 45 }, (_, at) => message(at, `parts-${at}`)));
    await handle(batchOf(10, messages), context);
    expect(written).toEqual([...Array(10).fill(4), 5]);
  });

  it('stays suspected while Postgres fails in between', async () => {
    await markInFlight(pool, [{ topic, partition: 11, first: 0, last: 39 }]);
    const written: number[] = [];
    const { handle } = handler({
      write: async (tenant, events) => {
        written.push(events.length);
        if (written.length === 3) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
        return writeEvents({ pool, pseudonymKey: Buffer.alloc(32), now: Date.now }, tenant, events);
      },
    });
    const messages = await Promise.all(Array.from({ length: 40 }, (_, at) => message(at, `flaky-${at}`)));
    await expect(handle(batchOf(11, messages), context)).rejects.toMatchObject({ retryable: true });
    await handle(batchOf(11, messages), context);
    expect(written).toEqual(Array(13).fill(4));
  });

  it('is not tried where its partition was taken away meanwhile', async () => {
    await markInFlight(pool, [{ topic, partition: 12, first: 0, last: 19 }]);
    let looks = 0;
    const { handle } = handler();
    const messages = await Promise.all(Array.from({ length: 20 }, (_, at) => message(at, `taken-${at}`)));
    const taken = { ...context, isStale: () => ++looks > 1 };
    await expect(handle(batchOf(12, messages), taken)).rejects.toMatchObject({
      code: 'partition_taken_away',
    });
    expect(await stored(messages.map((_, at) => `taken-${at}`))).toHaveLength(2);
  });

  it('is not searched among events that lie outside what was begun', async () => {
    await markInFlight(pool, [{ topic, partition: 8, first: 900, last: 901 }]);
    const counted: number[] = [];
    const { handle } = handler({
      write: async (tenant, events) => {
        counted.push(events.length);
        return writeEvents({ pool, pseudonymKey: Buffer.alloc(32), now: Date.now }, tenant, events);
      },
    });
    const far = await Promise.all([1, 2, 3].map((offset) => message(offset, `far-${offset}`)));
    await handle(batchOf(8, far), context);
    expect(counted).toEqual([3]);
    await markInFlight(pool, [{ topic, partition: 8, first: 5, last: 6 }]);
    const across = await Promise.all([4, 5, 6, 7, 8].map((offset) => message(offset, `far-${offset}`)));
    await handle(batchOf(8, across), context);
    expect(counted).toEqual([3, 1, 1, 3]);
  });

  it('is not one that failed while Postgres was away, however often', async () => {
    let away = false;
    const { count } = createLoneAttempts({
      query: (text, values) => {
        if (away) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
        return pool.query(text, values);
      },
    });
    const attempts: number[] = [];
    for (let time = 0; time < 7; time += 1) {
      const failing = count({ topic, partition: 9, offset: 1 }, async (attempt) => {
        attempts.push(attempt);
        away = true;
        throw new Error('Connection terminated unexpectedly');
      });
      await expect(failing).rejects.toThrow('Connection terminated');
      away = false;
    }
    expect(attempts).toEqual(Array(7).fill(1));
  });
});
