import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READER, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

it('opens one session for all first requests of a session_id, and keeps it', async () => {
  // The first requests of this server, so that no session stands ready. All of them begin before the first of them ends.
  const search = { session_id: 's' };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => server.ask('SELECT sleep(2.5)', { search })),
  );
  const codes = answers.map(({ headers }) => headers.get('x-clickhouse-exception-code'));
  expect(codes.filter((code) => code === null)).toHaveLength(1);
  expect(codes.filter((code) => code === '373')).toHaveLength(9);
  await server.read('CREATE TEMPORARY TABLE mine (a UInt8)', search);
  await server.read('INSERT INTO mine VALUES (7)', search);
  expect(await server.read('SELECT a FROM mine', { ...search, session_check: '1' })).toBe('7');
});

describe('under a session_id', () => {
  const codeOf = async (query: string, search: Record<string, string>) =>
    (await server.ask(query, { search })).headers.get('x-clickhouse-exception-code');
  const limit = "SELECT getSetting('max_result_rows'), currentDatabase()";

  it('a setting, a parameter and a database of the URL are those of one request', async () => {
    const session = { session_id: 'one-request' };
    await server.read('CREATE DATABASE beside');
    const own = { max_result_rows: '77', param_x: 'mine', database: 'beside' };
    expect(await server.read(`${limit}, {x:String}`, { ...session, ...own })).toBe('77\tbeside\tmine');
    expect(await server.read(limit, session)).toBe('0\tswitchboard');
    expect(await codeOf('SELECT {x:String}', session)).toBe('456');
  });

  it('what SET and USE say stays, and comes back after a request that says otherwise', async () => {
    const session = { session_id: 'set' };
    await server.read('CREATE DATABASE of_session');
    await server.read("SET max_result_rows = 5, limit = 3, param_x = 'a\\'b', param_y = [1, 2]", session);
    await server.read('USE of_session', { ...session, max_result_rows: '9' });
    const all = `${limit}, {x:String}, {y:Array(UInt8)}`;
    const kept = "5\tof_session\ta\\'b\t[1,2]";
    expect(await server.read(all, session)).toBe(kept);
    const own = { max_result_rows: '77', limit: '0', param_x: 'mine', database: 'default' };
    expect(await server.read(all, { ...session, ...own })).toBe('77\tdefault\tmine\t[1,2]');
    expect(await server.read(all, session)).toBe(kept);
    expect(await server.read('SELECT number FROM numbers(5)', session)).toBe('0\n1\n2');
    await server.read('SET limit = DEFAULT', { ...session, max_block_size: '7' });
    expect(await server.read('SELECT count() FROM (SELECT number FROM numbers(9))', session)).toBe('9');
  });

  it('SET with settings in its own URL keeps only what it sets', async () => {
    const session = { session_id: 'set-beside' };
    await server.read('SET max_block_size = 11', { ...session, max_result_rows: '77', max_block_size: '8' });
    expect(
      await server.read("SELECT getSetting('max_result_rows'), getSetting('max_block_size')", session),
    ).toBe('0\t11');
  });

  it.each([
    ['readonly', '1'],
    ['compatibility', '22.1'],
    ['enable_analyzer', '0'],
    ['profile', 'reader'],
    ['max_memory_usage', '0'],
    ['log_comment', 'mine'],
  ])('%s = %s changes no later request', async (name, value) => {
    const session = { session_id: `of-${name}` };
    const changed = `SELECT name, value FROM system.settings WHERE changed AND name != 'log_comment' ORDER BY name`;
    const before = await server.read(changed, session);
    await server.ask('SELECT 1', { search: { ...session, [name]: value } });
    expect(await server.read(changed, session)).toBe(before);
    await server.read('CREATE TEMPORARY TABLE still (a UInt8)', session);
  });

  it('a request that fails leaves nothing behind, and the session as it was', async () => {
    const session = { session_id: 'fails' };
    await server.read('CREATE TEMPORARY TABLE kept (a UInt8)', session);
    const own = { max_result_rows: '77', param_x: 'mine' };
    expect(await codeOf('SELECT nope', { ...session, ...own })).toBe('47');
    expect(await codeOf('SELECT 1', { ...session, ...own, database: 'nope' })).toBe('81');
    expect(await codeOf('SELECT 1', { ...session, ...own, nope: '1' })).toBe('115');
    expect(await codeOf('SELECT 1', { ...session, ...own, 'max_block_size = 7, b': '1' })).toBe('115');
    expect(await server.read("SELECT getSetting('max_block_size') = 7", session)).toBe('0');
    expect(await server.read(limit, session)).toBe('0\tswitchboard');
    expect(await codeOf('SELECT {x:String}', session)).toBe('456');
    expect(await server.read('SELECT count() FROM kept', session)).toBe('0');
  });

  it('a read-only user keeps its limits after a request with lower ones', async () => {
    const asked =
      "SELECT getSetting('max_execution_time'), getSetting('readonly'), getSetting('max_threads')";
    const ask = async (search: Record<string, string>) =>
      (await server.ask(asked, { user: READER, search: { session_id: 'reads', ...search } })).text.trim();
    expect(await ask({ max_execution_time: '7', max_threads: '2' })).toBe('7\t2\t2');
    expect(await ask({ readonly: '0' })).toContain('READONLY');
    expect(await ask({})).toBe('120\t2\t1');
    expect(await ask({ max_execution_time: '0' })).toContain('SETTING_CONSTRAINT_VIOLATION');
  });
});

describe('sessions', () => {
  it('beyond the most that are kept take the place of the longest idle', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `many-${n}`);
    for (const session_id of names) {
      await server.read('CREATE TEMPORARY TABLE t (a UInt8)', { session_id });
      await server.read('SELECT 1', { session_id: 'many-0' });
    }
    const known = { session_check: '1' };
    expect(await server.read('SELECT count() FROM t', { session_id: 'many-39', ...known })).toBe('0');
    expect(await server.read('SELECT count() FROM t', { session_id: 'many-0', ...known })).toBe('0');
    expect((await server.ask('SELECT 1', { search: { session_id: 'many-1', ...known } })).text).toContain(
      'SESSION_NOT_FOUND',
    );
  });

  it('end with a request that says close_session', async () => {
    const search = { session_id: 'closed' };
    await server.read('CREATE TEMPORARY TABLE t (a UInt8)', search);
    expect(await server.read('SELECT count() FROM t', { ...search, close_session: '1' })).toBe('0');
    expect((await server.ask('SELECT 1', { search: { ...search, session_check: '1' } })).text).toContain(
      'SESSION_NOT_FOUND',
    );
  });
});
