import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { READER, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const MORE_THAN_ALLOWED = '452';
const spooled = () => readdir(join(server.dataDir, 'data', 'spool'));
const asReader = (query: string, search: Record<string, string> = {}) =>
  server.ask(query, { user: READER, search });

it('refuses a result that would fill the disk, and leaves none of it', async () => {
  const answer = await asReader('SELECT * FROM numbers(1e12)', { max_result_bytes: '50000000' });
  expect(answer.text).toContain('TOO_MANY_ROWS_OR_BYTES');
  expect(await spooled()).toEqual([]);
});

it('has limits of time and size for a reader, whichever way it would lift them', async () => {
  const limits = "SELECT getSetting('max_execution_time'), getSetting('max_result_bytes')";
  expect((await asReader(limits)).text).toBe('120\t1073741824\n');
  expect((await asReader(limits, { max_execution_time: '5' })).text).toBe('5\t1073741824\n');
  for (const [name, value] of [
    ['max_execution_time', '0'],
    ['max_execution_time', '121'],
    ['max_result_bytes', '0'],
    ['max_result_bytes', '2000000000'],
    ['result_overflow_mode', 'break'],
    ['timeout_overflow_mode', 'break'],
  ] as const) {
    for (const answer of [
      await asReader('SELECT 1', { [name]: value }),
      await asReader(`SELECT 1 SETTINGS ${name} = '${value}'`),
    ]) {
      expect([name, value, answer.headers.get('x-clickhouse-exception-code')]).toEqual([
        name,
        value,
        MORE_THAN_ALLOWED,
      ]);
    }
  }
});

it("runs a reader's statement after all others, whatever it asks for", async () => {
  const order = "SELECT getSetting('priority'), getSetting('low_priority_query_wait_time_ms')";
  expect((await asReader(order)).text).toBe('2\t50\n');
  expect(await server.read(`${order}, getSetting('max_threads')`)).toBe('1\t1000\t2');
  for (const [name, value] of [
    ['priority', '0'],
    ['priority', '1'],
    ['low_priority_query_wait_time_ms', '0'],
    ['os_threads_nice_value_query', '0'],
    ['os_thread_priority', '0'],
    ['max_threads', '3'],
  ] as const) {
    const answer = await asReader(order, { [name]: value });
    expect([name, answer.headers.get('x-clickhouse-exception-code')]).toEqual([name, MORE_THAN_ALLOWED]);
  }
});

it('gives a reader two threads at most, however many cores the machine has', async () => {
  for (const value of ['0', 'auto', 'auto(64)', '18446744073709551615', '-1', '2.9']) {
    for (const answer of [
      await asReader("SELECT getSetting('max_threads')", { max_threads: value }),
      await asReader(`SELECT getSetting('max_threads') SETTINGS max_threads = '${value}'`),
    ]) {
      // Without a number it is that of the cores: more than two are refused.
      if (answer.status === 200) expect(['1', '2']).toContain(answer.text.trimEnd());
      else expect(answer.headers.get('x-clickhouse-exception-code')).toMatch(/^(452|6|27|32|69|72|116)$/);
    }
  }
});

it('stops a reader whose time is over', async () => {
  const answer = await asReader('SELECT sum(sipHash64(number)) FROM numbers(100000000000)', {
    max_execution_time: '1',
  });
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe('159');
});

it('limits nobody who writes', async () => {
  expect(await server.read("SELECT getSetting('max_execution_time'), getSetting('max_result_bytes')")).toBe(
    '0\t0',
  );
});
