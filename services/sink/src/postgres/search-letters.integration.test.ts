import { randomUUID } from 'node:crypto';
import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { avroContentType } from '@switchboard/kafka';
import { createLogger, SwitchboardError } from '@switchboard/platform';
import { createPool, type Pool } from '@switchboard/postgres';
import { searchVersion, unsearched } from '@switchboard/postgres/pipeline/dead-letters';
import { listDeadLetters } from '@switchboard/postgres/pipeline/find-dead-letters';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type ChildRun, runChild } from '@switchboard/testkit/run-child';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { keepUp } from './upkeep.ts';

const key = Buffer.alloc(32, 7);
const asha = { from_number: '+919812345678' };
let database: TestDatabase;
let pool: Pool;
let tenantId: string;
let stored = 0;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', prepare: true });
});
beforeEach(async () => {
  tenantId = await database.addTenant();
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A letter as an older release stored it, or one before it, which says nothing of a search; the later it is stored the newer it is. */
async function storeOlder(
  original: object | string | null,
  people: string[] = [],
  searched = false,
): Promise<string> {
  const id = randomUUID();
  stored += 1;
  const type = `${avroContentType}; traceparent=00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  const letter = {
    id,
    tenant_id: tenantId,
    stage: 'sink',
    reason: 'row_refused',
    source: 'x',
    attempts: 1,
    people,
    ...(searched && { searched }),
  };
  const more = {
    topic: 'voice-call.enriched.v1',
    content_type: type,
    first_at: new Date(0),
    last_at: new Date(stored),
  };
  const sealed = typeof original === 'string' ? original : original ? JSON.stringify(original) : '';
  await database.admin.query('SELECT store_dead_letter($1, $2)', [
    { ...letter, ...more },
    Buffer.from(sealed),
  ]);
  return id;
}

/** Upkeep, by which an original is read so. */
const sweep = (read: (original: unknown) => unknown = (original) => original) =>
  keepUp(
    {
      pool,
      pseudonymKey: key,
      now: Date.now,
      inboxDays: 30,
      logger: createLogger({ service: 'test', level: 'silent' }),
      originals: {
        codec: { decode: async <T>(_: string, bytes: Buffer) => read(JSON.parse(bytes.toString())) as T },
        sealer: { open: (sealed) => Buffer.from(sealed) },
        attempts: createLoneAttempts(pool),
      },
    },
    new AbortController().signal,
    true,
  );

const idsOf = async (searched: boolean) =>
  (await listDeadLetters(database.admin, tenantId, { filter: { searched }, limit: 500 })).map(({ id }) => id);
async function peopleOf(...ids: string[]): Promise<(string[] | undefined)[]> {
  const rows = await listDeadLetters(database.admin, tenantId, { filter: {}, limit: 500 });
  return ids.map((id) => rows.find((row) => row.id === id)?.people);
}
const theirs = () => [pseudonymOf(key, tenantId, asha.from_number)];

it('a letter that an older release kept without a word of whose it is, is found by its patient after the upkeep', async () => {
  const [ashas, nobodys, emptied] = [await storeOlder(asha), await storeOlder({}), await storeOlder(null)];
  expect(await idsOf(false)).toEqual([nobodys, ashas]);
  await sweep(() => {
    throw new SwitchboardError('registry_unavailable', 'no answer', { retryable: true });
  });
  expect(await idsOf(false)).toEqual([nobodys, ashas]);
  await sweep();
  expect(await peopleOf(ashas, nobodys, emptied)).toEqual([theirs(), [], []]);
  expect(await idsOf(false)).toEqual([]);
});

it('a letter that an older release searched for less is searched anew, once', async () => {
  const ravi = pseudonymOf(key, tenantId, '+919812345679');
  const asNumber = { from: 919812345678 };
  const [nobodys, ashas, both] = [
    await storeOlder({}, [], true),
    await storeOlder(asNumber, [], true),
    await storeOlder({ ...asNumber, to: '+919812345679' }, [ravi], true),
  ];
  expect(await idsOf(false)).toEqual([ashas, nobodys]);
  await sweep();
  expect(await peopleOf(nobodys, ashas)).toEqual([[], theirs()]);
  expect((await peopleOf(both))[0]?.sort()).toEqual([ravi, ...theirs()].sort());
  await sweep(() => {
    throw new Error('it is read again');
  });
  expect(await idsOf(false)).toEqual([]);
});

it('a letter whose original cannot be read may be anybody’s, and is not read again; of whom it was known to be stays', async () => {
  const cut = '{"from": "+9198';
  const [anybodys, ashas] = [await storeOlder(cut, [], true), await storeOlder(cut, theirs(), true)];
  await sweep();
  expect(await idsOf(false)).toEqual([anybodys]);
  expect(await peopleOf(anybodys, ashas)).toEqual([[], theirs()]);
  const { rows } = await database.admin.query('SELECT people FROM dead_letters WHERE id = $1', [anybodys]);
  expect(rows).toEqual([{ people: [unsearched] }]);
  const { rows: left } = await database.admin.query(
    'SELECT searches_left, search_version FROM dead_letters WHERE id = $1',
    [ashas],
  );
  expect(left).toEqual([{ searches_left: null, search_version: searchVersion }]);
});

it('a letter that cannot be searched holds up no other, is told apart from one of nobody, and is searched again', async () => {
  const [before, broken, after] = [await storeOlder(asha), await storeOlder(asha), await storeOlder(asha)];
  let reads = 0;
  const breakSecond = (original: unknown) => {
    reads += 1;
    if (reads % 3 === 2) throw new RangeError('Maximum call stack size exceeded');
    return original;
  };
  await sweep((original) => ({
    ...Object(original),
    get to() {
      return breakSecond('');
    },
  }));
  expect(await peopleOf(before, broken, after)).toEqual([theirs(), [], theirs()]);
  expect(await idsOf(false)).toEqual([broken]);
  // However often: it costs the process nothing.
  for (let times = 0; times < 5; times += 1)
    await sweep(() => ({
      get to() {
        throw new RangeError('Maximum call stack size exceeded');
      },
    }));
  await sweep();
  expect(await peopleOf(broken)).toEqual([theirs()]);
});

it('a letter that ends whoever searches it holds up no other, and is searched no more after three deaths', async () => {
  const [before, killer, after] = [
    await storeOlder(asha),
    await storeOlder({ dies: true }),
    await storeOlder(asha),
  ];
  const given = await storeOlder({ dies: true }, [unsearched]);
  const main = new URL('./testing/search-letters.ts', import.meta.url);
  const input = JSON.stringify({ databaseUrl: database.urlAs('switchboard_sink') });
  const runs: ChildRun[] = [];
  while (runs.length < 6 && runs.at(-1)?.signal !== null) runs.push(await runChild(main, input));
  expect(runs.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', null]);
  expect(runs.at(-1)?.printed).toBe('done\n');
  expect(await peopleOf(before, killer, after)).toEqual([theirs(), [], theirs()]);
  expect(await idsOf(false)).toEqual([given, killer]);
}, 120_000);
