import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ADMIN, READER, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let stop = new AbortController();
beforeAll(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  stop.abort();
  stop = new AbortController();
  await expect.poll(running, patience).toBe('0');
});
afterAll(() => server.stop());

/** Takes minutes, and nearly no processor. */
const MINUTES = 'SELECT sleepEachRow(1) FROM numbers(600) SETTINGS max_block_size = 1';
const patience = { timeout: 30_000 };
const whole = { timeout: 200_000 };
const running = () =>
  server.read(
    "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow(1)%' AND query NOT LIKE '%processes%'",
  );

const codeOf = ({ headers }: { headers: Headers }) => headers.get('x-clickhouse-exception-code');

/** The code of its exception. */
const ask = async (query_id: string, { user = ADMIN, query = MINUTES } = {}) =>
  codeOf(await server.ask(query, { user, search: { query_id }, signal: stop.signal }));

it('stops what runs under the id, as the answer says', whole, async () => {
  const [stays, stopped] = [ask('a report').catch(() => 'gone'), ask('the report')];
  await expect.poll(running, patience).toBe('2');
  const answer = await server.ask("KILL QUERY WHERE query_id = 'the report' FORMAT JSONEachRow");
  expect(JSON.parse(answer.text)).toEqual({
    kill_status: 'waiting',
    query_id: 'the report',
    user: ADMIN.name,
    query: MINUTES,
  });
  expect(answer.headers.get('x-clickhouse-format')).toBe('JSONEachRow');
  expect(await stopped).toBe('394');
  await expect.poll(running, patience).toBe('1');
  stop.abort();
  expect(await stays).toBe('gone');
});

it('waits by SYNC until all have ended, a statement that writes too', whole, async () => {
  await server.read('CREATE TABLE into (a UInt8) ENGINE = MergeTree ORDER BY a');
  const stopped = [ask('both'), ask('both', { query: `INSERT INTO into ${MINUTES}` })];
  await expect.poll(running, patience).toBe('2');
  const answer = await server.read("/* by hand */ kill query where query_id='both' sync");
  expect(answer.split('\n').map((line) => line.split('\t').slice(0, 2))).toEqual(
    Array(2).fill(['finished', 'both']),
  );
  expect(await running()).toBe('0');
  expect(await Promise.all(stopped)).toEqual(['394', '394']);
});

const commented = "log_comment = 'mine'";
const single =
  'max_insert_block_size = 1, max_block_size = 1, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1, input_format_parallel_parsing = 0';
it.each([
  ['INSERT of a SELECT', `INSERT INTO written ${MINUTES}, ${commented}`],
  ['CREATE of a SELECT', `CREATE TABLE made ENGINE = Memory AS ${MINUTES}, ${commented}`],
  // Each row costs a second at the view.
  ['INSERT of rows', `INSERT INTO viewed SETTINGS ${single}, ${commented} FORMAT TSV\n${'1\n'.repeat(600)}`],
  ['INSERT of values', `INSERT INTO viewed SETTINGS ${single}, ${commented} VALUES ${'(1)'.repeat(600)}`],
])('stops a statement that writes, %s, with a log_comment of its own', whole, async (_, query) => {
  await server.read('CREATE TABLE IF NOT EXISTS written (a UInt8) ENGINE = MergeTree ORDER BY a');
  await server.read('CREATE TABLE IF NOT EXISTS viewed (a UInt8) ENGINE = Null');
  await server.read(
    'CREATE MATERIALIZED VIEW IF NOT EXISTS view TO written AS SELECT sleepEachRow(1) AS a FROM viewed',
  );
  const stopped = ask('writes', { query: query.replace('SETTINGS', '/* sleepEachRow(1) */ SETTINGS') });
  await expect.poll(running, patience).toBe('1');
  expect(await server.read("KILL QUERY WHERE query_id = 'writes' SYNC")).toContain('finished');
  expect(await stopped).toBe('394');
});

it("stops no other user's, and a reader's own", whole, async () => {
  const ours = ask('one name').catch(() => 'gone');
  await expect.poll(running, patience).toBe('1');
  const kill = (user: typeof ADMIN) => server.ask("KILL QUERY WHERE query_id = 'one name'", { user });
  expect(codeOf(await kill(READER))).toBe('164');
  const theirs = ask('one name', { user: READER });
  await expect.poll(running, patience).toBe('2');
  expect((await kill(READER)).status).toBe(200);
  expect(await theirs).toBe('394');
  expect(await running()).toBe('1');
  const reader = ask('a name', { user: READER }).catch(() => 'gone');
  await expect.poll(running, patience).toBe('2');
  expect(await server.read("KILL QUERY WHERE query_id = 'a name'")).toBe('');
  expect((await kill(ADMIN)).status).toBe(200);
  expect(await ours).toBe('394');
  expect(await running()).toBe('1');
  stop.abort();
  expect(await reader).toBe('gone');
});

it('is answered while every place is taken, in a session that is in use and by GET', whole, async () => {
  const search = { query_id: 'long', session_id: 'mine' };
  const long = server.ask(MINUTES, { user: READER, search, signal: stop.signal });
  await expect.poll(running, patience).toBe('1');
  const others = Array.from({ length: 5 }, () => ask('other', { user: READER }).catch(() => 'gone'));
  await expect.poll(running, patience).toBe('6');
  const waits = ask('waits', { user: READER });
  const killed = async (id: string) => {
    const url = new URL(server.engine.url);
    url.searchParams.set('query', `KILL QUERY WHERE query_id = '${id}' SYNC`);
    url.searchParams.set('session_id', 'mine');
    const headers = { 'X-ClickHouse-User': READER.name, 'X-ClickHouse-Key': READER.password };
    return (await fetch(url, { headers })).status;
  };
  // It has come when it can be killed, and waits for its turn no longer.
  await expect.poll(() => killed('waits'), patience).toBe(200);
  expect(await waits).toBe('394');
  expect(await running()).toBe('6');
  expect(await killed('long')).toBe(200);
  expect(codeOf(await long)).toBe('394');
  expect(await running()).toBe('5');
  expect((await server.ask('SELECT 1', { user: READER, search: { session_id: 'mine' } })).text).toBe('1\n');
  stop.abort();
  expect(await Promise.all(others)).toEqual(Array(5).fill('gone'));
});

it("takes an id of the engine's own, as every other form", whole, async () => {
  const stopped = ask('mine');
  await expect.poll(running, patience).toBe('1');
  const id = await server.read(
    "SELECT query_id FROM system.processes WHERE query LIKE 'SELECT sleepEachRow%'",
  );
  expect(await server.read(`KILL QUERY WHERE query_id = '${id}'`)).toContain(id);
  expect(await stopped).toBe('394');
});
