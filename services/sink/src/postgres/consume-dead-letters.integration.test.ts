import { randomUUID } from 'node:crypto';
import { isUuid } from '@switchboard/domain/ids';
import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { avroContentType } from '@switchboard/kafka';
import { firing } from '@switchboard/monitoring/firing';
import { createLogger, createMetrics, SwitchboardError } from '@switchboard/platform';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { unsearched } from '@switchboard/postgres/pipeline/dead-letters';
import {
  type DeadLetterRow,
  listDeadLetters,
  readDeadLetter,
} from '@switchboard/postgres/pipeline/find-dead-letters';
import { markInFlight } from '@switchboard/postgres/pipeline/in-flight';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import { unsearchedLetters } from '@switchboard/postgres/pipeline/unsearched-letters';
import type { DeadLetter } from '@switchboard/schemas';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type ChildRun, runChild } from '@switchboard/testkit/run-child';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createDeadLetterHandler } from './consume-dead-letters.ts';

let database: TestDatabase;
let pool: Pool;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', prepare: true });
  tenantId = await database.addTenant();
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function letterOf(more: Partial<DeadLetter>): DeadLetter {
  return {
    dead_letter_id: randomUUID(),
    tenant_id: tenantId,
    stage: 'sink',
    reason: 'row_refused',
    detail: null,
    source: 'voice-call.enriched.v1',
    topic: 'voice-call.enriched.v1',
    event_id: null,
    call_id: null,
    message_key: null,
    schema_id: 1,
    content_type: avroContentType,
    sealed: Buffer.from('sealed'),
    attempts: 1,
    first_at: 1,
    last_at: 1,
    replay_id: null,
    ...more,
  };
}

/** A handler to which any letter is this one, the original of which is read so; @returns takes it, and what it counted */
function handlerOf(letter: DeadLetter, original: () => unknown) {
  const decoded: Record<string, () => unknown> = { 'dead-letter.v1': () => letter };
  const metrics = createMetrics('sink-postgres');
  const handle = createDeadLetterHandler({
    pool,
    attempts: createLoneAttempts(pool),
    // Says of any topic what is decoded there.
    codec: {
      decode: async <T>(topic: string) => (decoded[topic] ?? original)() as T,
    },
    sealer: { open: () => Buffer.from('opened') },
    pseudonymKey: Buffer.alloc(32, 7),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics,
  });
  const message = { key: null, value: Buffer.alloc(0), headers: {}, partition: 0, offset: '0', timestamp: 0 };
  return {
    scrape: async () => (await metrics.render()).body,
    take: () =>
      handle(
        { topic: 'dead-letter.v1', partition: 0, messages: [message], firstOffset: '0', lastOffset: '0' },
        { signal: new AbortController().signal, isStale: () => false, attempt: 1 },
      ),
  };
}

/** Takes one letter, the original of which is read so; @returns its rows */
async function take(original: () => unknown, more: Partial<DeadLetter> = {}): Promise<DeadLetterRow[]> {
  const letter = letterOf(more);
  await handlerOf(letter, original).take();
  const filter = { id: letter.dead_letter_id };
  return listDeadLetters(database.admin, isUuid(letter.tenant_id ?? '') ? letter.tenant_id : null, {
    filter,
    limit: 5,
  });
}

it('whoever is on call is told of the first letter that a process takes, by its stage and reason', async () => {
  const { scrape, take: takeOne } = handlerOf(letterOf({ stage: 'enrich', reason: 'not_avro' }), () => ({}));
  const before = await scrape();
  expect(firing('DeadLetters', { before, now: await scrape() })).toEqual([]);
  await takeOne();
  expect(firing('DeadLetters', { before, now: await scrape() })).toEqual([
    { labels: { stage: 'enrich', reason: 'not_avro' }, value: 1 },
  ]);
});

it('a letter whose original nobody can search is kept, and not taken for one of nobody', async () => {
  const broken = {
    get from(): string {
      throw new RangeError('Maximum call stack size exceeded');
    },
  };
  expect(await take(() => broken)).toMatchObject([{ people: [], searched: false }]);
  expect(await take(() => ({}))).toMatchObject([{ people: [], searched: true }]);
});

it('a letter whose original is cut off is kept, not taken for one of nobody, and not searched again', async () => {
  const [cut] = await take(() => ({}), { content_type: 'application/json' });
  expect(cut).toMatchObject({ people: [], searched: false });
  const again = await withTenant(pool, tenantId, (client) =>
    unsearchedLetters(client, tenantId, undefined, 100),
  );
  expect(again.map(({ id }) => id)).not.toContain(cut?.id);
});

it('a letter that was not searched is of whom its repeat says', async () => {
  const again = { dead_letter_id: randomUUID() };
  const broken = () => ({
    get from(): string {
      throw new RangeError('Maximum call stack size exceeded');
    },
  });
  await take(broken, again);
  const [once] = await take(() => ({ from: '+919812345678' }), again);
  expect(once).toMatchObject({ people: [pseudonymOf(Buffer.alloc(32, 7), tenantId, '+919812345678')] });
  expect(await take(broken, again)).toEqual([once]);
});

it('a letter of a foreign message, whose headers are no ids and whose key no text can hold, is kept', async () => {
  const foreign = { tenant_id: 'asha', event_id: 'order-17', replay_id: '1', message_key: 'a\0b' };
  expect(await take(() => ({}), foreign)).toMatchObject([{ searched: false }]);
  const { rows } = await database.admin.query(
    `SELECT tenant_id, event_id, replay_id FROM dead_letters WHERE message_key = 'ab'`,
  );
  expect(rows).toEqual([{ tenant_id: null, event_id: null, replay_id: null }]);
});

it('a letter waits while the registry that reads its original is away', async () => {
  const away = () => {
    throw new SwitchboardError('registry_unavailable', 'no answer', { retryable: true });
  };
  await expect(take(away)).rejects.toMatchObject({ retryable: true });
});

it('letters that kill the process hold up no others: one is stored unsearched, one stays in its topic', async () => {
  const original = { from_number: '+919812345678' };
  const traced = `${avroContentType}; traceparent=00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  const letters = [{}, { original: { dies: true } }, { dies: true }, {}].map((given) => ({
    ...letterOf({ content_type: traced }),
    original,
    ...given,
  }));
  const input = JSON.stringify({ databaseUrl: database.urlAs('switchboard_sink'), letters });
  const main = new URL('./testing/take-letters.ts', import.meta.url);
  // Two deaths of the one and four of the other have been.
  await markInFlight(pool, [{ topic: 'dead-letter.v1', partition: 0, first: 0, last: 3 }]);
  await database.admin.query(
    `INSERT INTO in_flight_attempts (topic, partition, message_offset, attempts)
     VALUES ('dead-letter.v1', 0, 1, 2), ('dead-letter.v1', 0, 2, 4)`,
  );
  const runs: ChildRun[] = [];
  while (runs.length < 12 && runs.at(-1)?.signal !== null) runs.push(await runChild(main, input));
  // A third time at the original of the one, and a fifth at the other: then neither is looked into again.
  expect(runs.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGKILL', null]);
  expect(runs.at(-1)?.printed).toBe('unstorable 1\n');
  const ids = letters.map((letter) => letter.dead_letter_id);
  const { rows } = await database.admin.query<{ id: string; people: string[] }>(
    'SELECT id, people FROM dead_letters WHERE id = ANY ($1)',
    [ids],
  );
  const asha = [pseudonymOf(Buffer.alloc(32, 7), tenantId, '+919812345678')];
  const people = new Map(rows.map((row) => [row.id, row.people]));
  expect(ids.map((id) => people.get(id))).toEqual([asha, [unsearched], undefined, asha]);
  const stored = await readDeadLetter(database.admin, tenantId, ids[1] ?? '');
  expect(stored).toMatchObject({ people: [], searched: false });
  // Upkeep would die of it again.
  const nobodys = await withTenant(pool, tenantId, (client) =>
    unsearchedLetters(client, tenantId, undefined, 100),
  );
  expect(nobodys.map(({ id }) => id)).not.toContain(ids[1]);
}, 120_000);
