import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

it('opens one session for all first requests of a session_id, and keeps it', async () => {
  // The first requests of this server, so that no session stands ready.
  const search = { session_id: 's' };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => server.ask('SELECT sleep(0.5)', { search })),
  );
  const codes = answers.map(({ headers }) => headers.get('x-clickhouse-exception-code'));
  expect(codes.filter((code) => code === null)).toHaveLength(1);
  expect(codes.filter((code) => code === '373')).toHaveLength(9);
  await server.read('CREATE TEMPORARY TABLE mine (a UInt8)', search);
  await server.read('INSERT INTO mine VALUES (7)', search);
  expect(await server.read('SELECT a FROM mine', { ...search, session_check: '1' })).toBe('7');
});
