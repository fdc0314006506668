import { afterAll, beforeAll, expect, it } from 'vitest';
import { READER, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(['SELECT, SHOW ON switchboard.*']);
  await server.read('CREATE TABLE seen (a UInt8) ENGINE = MergeTree ORDER BY a');
  await server.read('INSERT INTO seen VALUES (1)');
  await server.read('CREATE DATABASE hidden');
  await server.read('CREATE TABLE hidden.t (a UInt8) ENGINE = MergeTree ORDER BY a');
  await server.read('INSERT INTO hidden.t VALUES (1), (2)');
  await server.read(
    'CREATE VIEW shown DEFINER = switchboard SQL SECURITY DEFINER AS SELECT a FROM hidden.t WHERE a = {a:UInt8}',
  );
  await server.read('CREATE VIEW unseen SQL SECURITY INVOKER AS SELECT a FROM hidden.t');
});
afterAll(() => server.stop());

it.each([
  ['SELECT a FROM seen', '1'],
  ['SELECT a FROM shown(a = 2)', '2'],
  ['WITH t AS (SELECT 3 AS a) SELECT a FROM t', '3'],
  ['(SELECT 1) UNION ALL (SELECT 1)', '1\n1'],
  ['SHOW DATABASES', 'switchboard'],
  ["SELECT count() FROM system.tables WHERE database = 'hidden'", '0'],
  ['EXISTS seen', '1'],
  ["SELECT 'SET ROLE administrator; file(1)' -- ; DROP TABLE seen", 'SET ROLE administrator; file(1)'],
])('reads: %s', async (query, text) => {
  const answer = await server.ask(query, { user: READER, search: { max_execution_time: '10' } });
  expect(answer).toMatchObject({ status: 200, text: `${text}\n` });
});

const ACCESS_DENIED = '497';
const READONLY = '164';

it.each([
  ['INSERT INTO seen VALUES (2)', READONLY],
  ['INSERT INTO seen FORMAT CSV\n2\n', READONLY],
  ['INSERT INTO seen SELECT 2', READONLY],
  ['DROP TABLE seen', READONLY],
  ['ALTER TABLE seen DELETE WHERE 1', READONLY],
  ['CREATE TABLE mine (a UInt8) ENGINE = Memory', READONLY],
  ['CREATE TEMPORARY TABLE mine (a UInt8)', READONLY],
  ['SET ROLE administrator', READONLY],
  ['SET readonly = 0', READONLY],
  ['SELECT 1 SETTINGS readonly = 0', READONLY],
  ["SELECT 1 SETTINGS profile = 'default'", READONLY],
  ['SELECT 1 SETTINGS readonly = DEFAULT', ACCESS_DENIED],
  ['SELECT 1 SETTINGS max_execution_time /* */ =default, max_result_bytes=1', ACCESS_DENIED],
  ['EXECUTE AS switchboard', READONLY],
  ['KILL QUERY WHERE 1', READONLY],
  ['SYSTEM DROP MARK CACHE', READONLY],
  ["BACKUP TABLE seen TO File('x')", READONLY],
  ["SELECT 1 INTO OUTFILE '/tmp/never'", '358'],
  ['SELECT 1; SET ROLE administrator; SELECT * FROM hidden.t', '62'],
  ['SELECT * FROM hidden.t', ACCESS_DENIED],
  ['SELECT * FROM unseen', ACCESS_DENIED],
  ['DESCRIBE hidden.t', ACCESS_DENIED],
  ["SELECT * FROM mergeTreeIndex('hidden', 't')", ACCESS_DENIED],
  ["SELECT * FROM loop('hidden', 't') LIMIT 1", ACCESS_DENIED],
  ["SELECT * FROM file('/etc/passwd', 'LineAsString')", ACCESS_DENIED],
  ["SELECT file('/etc/passwd')", ACCESS_DENIED],
  ["SELECT arrayMap(x -> file(x), ['/etc/passwd'])", ACCESS_DENIED],
  ["SELECT * APPLY(file) FROM (SELECT '/etc/passwd')", ACCESS_DENIED],
  ["DESCRIBE (SELECT file('/etc/passwd'))", ACCESS_DENIED],
  ["EXPLAIN SELECT file('/etc/passwd')", ACCESS_DENIED],
  ["SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", ACCESS_DENIED],
  ["SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'CSV', 'a String')", ACCESS_DENIED],
  ["SELECT * FROM remote('127.0.0.1:1', 'hidden.t')", ACCESS_DENIED],
  ["SELECT * FROM remoteSecure('127.0.0.1:1', 'hidden.t')", ACCESS_DENIED],
  ["SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')", ACCESS_DENIED],
  ["SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')", ACCESS_DENIED],
  ["SELECT * FROM sqlite('/tmp/x', 't')", ACCESS_DENIED],
  ["SELECT * FROM mongodb('127.0.0.1:1', 'a', 'b', 'c', 'd', 'a String')", ACCESS_DENIED],
  ["SELECT * FROM redis('127.0.0.1:1', 'k', 'k String')", ACCESS_DENIED],
  ["SELECT * FROM odbc('a', 'b', 'c')", ACCESS_DENIED],
  ["SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', 'CSV', 'a String')", ACCESS_DENIED],
  ["SELECT * FROM azureBlobStorage('http://127.0.0.1:1/x', 'c', 'p', 'k', 's', 'CSV')", ACCESS_DENIED],
  ["SELECT * FROM icebergLocal('/tmp/x')", ACCESS_DENIED],
  ["SELECT * FROM filesystem('/etc')", ACCESS_DENIED],
  ["SELECT * FROM dictionary('d')", ACCESS_DENIED],
  ["SELECT * FROM executable('x', 'TSV', 'a String')", ACCESS_DENIED],
  ["SELECT * FROM eval('SELECT file(''/etc/passwd'')')", ACCESS_DENIED],
  ["SELECT * FROM EVAL('SELECT 1') SETTINGS allow_experimental_eval_table_function = 1", ACCESS_DENIED],
  ["DESCRIBE eval('SELECT 1') SETTINGS allow_experimental_eval_table_function = 1", ACCESS_DENIED],
  ['SELECT * FROM system.users', ACCESS_DENIED],
  ['SELECT * FROM system.processes', ACCESS_DENIED],
  ['SELECT * FROM system.server_settings', ACCESS_DENIED],
  ['SELECT * FROM `system` . "errors" AS e', ACCESS_DENIED],
  ["SELECT * FROM merge('system', '^processes$')", ACCESS_DENIED],
  ['SHOW PROCESSLIST', ACCESS_DENIED],
])('refuses: %s', async (query, code) => {
  const answer = await server.ask(query, { user: READER });
  expect(answer.text).not.toContain('root:');
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe(code);
});

it.each([
  ['readonly', '0'],
  ['profile', 'default'],
])('refuses the setting %s=%s', async (name, value) => {
  const search = { [name]: value };
  const answer = await server.ask('SELECT 1', { user: READER, search });
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe(READONLY);
});

it('refuses them by their bare name too', async () => {
  const answer = await server.ask('SELECT * FROM processes', {
    user: READER,
    search: { database: 'system' },
  });
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe(ACCESS_DENIED);
});

it.each([
  ['SELECT query FROM system.{t:Identifier}', 'processes'],
  ['SELECT query FROM {t:Identifier}', 'system.processes'],
  ['SELECT query FROM {t:Identifier}.processes', 'system'],
])('refuses them in a parameter: %s', async (query, param_t) => {
  const answer = await server.ask(query, { user: READER, search: { param_t } });
  expect(answer.text).not.toContain('Identifier}');
  expect(answer.headers.get('x-clickhouse-exception-code')).toBe(ACCESS_DENIED);
});

it('changed nothing', async () => {
  expect(await server.read('SELECT count() FROM seen')).toBe('1');
});
