import { request } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { READER, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const FOREVER = 'SELECT sum(sipHash64(number)) FROM numbers(100000000000)';
/** What runs is asked for by queries, while others hold every core. */
const patience = { timeout: 30_000 };
const whole = { timeout: 300_000 };
const running = () =>
  server.read(
    "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number)%' AND query NOT LIKE '%processes%'",
  );

it('gives 100 clients at once each its own answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, client) => {
      const own: string[] = [];
      for (let n = 0; n < 5; n += 1)
        own.push(
          await server.read('SELECT {c:UInt32}, {n:UInt32}, count() FROM numbers(1000)', {
            param_c: String(client),
            param_n: String(n),
          }),
        );
      return own;
    }),
  );
  expect(answers).toEqual(
    Array.from({ length: 100 }, (_, client) => Array.from({ length: 5 }, (_, n) => `${client}\t${n}\t1000`)),
  );
});

it('answers short queries beside long ones, those of all readers too', whole, async () => {
  const stop = new AbortController();
  const long = Array.from({ length: 8 }, () =>
    server.ask(FOREVER, { user: READER, signal: stop.signal }).catch(() => undefined),
  );
  // As many as readers may run at a time; the others wait.
  await expect.poll(running, patience).toBe('6');
  expect(await server.read('SELECT 1')).toBe('1');
  stop.abort();
  await Promise.all(long);
});

it('stops a query whose client has gone', whole, async () => {
  await expect.poll(running, patience).toBe('0');
  const stop = new AbortController();
  const gone = server.ask(FOREVER, { signal: stop.signal }).catch(() => 'gone');
  await expect.poll(running, patience).toBe('1');
  stop.abort();
  expect(await gone).toBe('gone');
  await expect.poll(running, patience).toBe('0');
});

it(
  "stops the query of the client that has gone, whatever it called it, and nobody else's",
  whole,
  async () => {
    await expect.poll(running, patience).toBe('0');
    const stay = new AbortController();
    const kept = server.ask(FOREVER, { signal: stay.signal }).catch(() => 'gone');
    await expect.poll(running, patience).toBe('1');
    for (const query_id of ['_', 'a_b', '', "'", '-']) {
      const stop = new AbortController();
      const gone = server.ask(FOREVER, { search: { query_id }, signal: stop.signal }).catch(() => 'gone');
      await expect.poll(running, patience).toBe('2');
      stop.abort();
      expect(await gone).toBe('gone');
      await expect.poll(running, patience).toBe('1');
    }
    stay.abort();
    expect(await kept).toBe('gone');
    await expect.poll(running, patience).toBe('0');
  },
);

it('stops one of two queries of one name', whole, async () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const search = { log_comment: 'a report' };
  const asked = [first, second].map(({ signal }) =>
    server.ask(FOREVER, { search, signal }).catch(() => 'gone'),
  );
  await expect.poll(running, patience).toBe('2');
  first.abort();
  await expect.poll(running, patience).toBe('1');
  second.abort();
  expect(await Promise.all(asked)).toEqual(['gone', 'gone']);
  await expect.poll(running, patience).toBe('0');
});

it('stops a query whose time is over', async () => {
  const answer = await server.ask(FOREVER, { search: { max_execution_time: '1' } });
  expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([408, '159']);
});

it('takes an upload whose client breaks off as none', async () => {
  await server.read('CREATE TABLE broken (a UInt32) ENGINE = MergeTree ORDER BY a');
  const insert = 'INSERT INTO broken FORMAT JSONEachRow';
  const rowsFrom = (first: number) => Array.from({ length: 1000 }, (_, a) => `{"a":${first + a}}\n`).join('');
  const login = `user=switchboard&password=${encodeURIComponent('p"w&<')}`;
  const url = `${server.engine.url}/?${login}&query=${encodeURIComponent(insert)}`;
  const upload = request(url, { method: 'POST' }).on('error', () => undefined);
  await new Promise((resolve) => upload.write(rowsFrom(0), resolve));
  upload.destroy();
  // One that comes later goes the same way, and to its end.
  expect((await server.ask(insert, { body: rowsFrom(1000) })).status).toBe(200);
  expect(await server.read('SELECT count(), min(a) FROM broken')).toBe('1000\t1000');
});

it('takes 64 MB of rows, and gives them', async () => {
  await server.read('CREATE TABLE large (id UInt64, s String) ENGINE = MergeTree ORDER BY id');
  const line = 'x'.repeat(1000);
  const rows = async function* () {
    for (let id = 0; id < 64_000; id += 100) {
      yield Array.from({ length: 100 }, (_, n) => `{"id":${id + n},"s":"${line}"}\n`).join('');
    }
  };
  const url = `${server.engine.url}/?user=switchboard&password=${encodeURIComponent('p"w&<')}&query=INSERT+INTO+large+FORMAT+JSONEachRow`;
  const response = await fetch(url, {
    method: 'POST',
    body: Readable.toWeb(Readable.from(rows())),
    duplex: 'half',
  });
  expect([response.status, await response.text()]).toEqual([200, '']);
  expect(await server.read('SELECT count(), uniqExact(id), min(length(s)) FROM large')).toBe(
    '64000\t64000\t1000',
  );
  expect((await server.ask('SELECT * FROM large FORMAT JSONEachRow')).text.split('\n').length).toBe(64_001);
});
