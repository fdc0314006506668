import { afterAll, beforeAll, expect, it } from 'vitest';
import { READER, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.read('CREATE TABLE seen (a UInt8) ENGINE = MergeTree ORDER BY a');
  await server.read('CREATE DATABASE hidden');
  await server.read(
    'CREATE TABLE hidden.t (a UInt8, PROJECTION p (SELECT a ORDER BY a)) ENGINE = MergeTree ORDER BY a',
  );
});
afterAll(() => server.stop());

const BUCKET = "'http://127.0.0.1:1/bucket/key'";
const AZURE = "'http://127.0.0.1:1/x', 'c', 'p', 'k', 'c2VjcmV0'";
const ADDRESS = "'127.0.0.1:1'";

/** Whatever reaches out of the database: what is asked for, and what the refusal names. */
const CALLS: ReadonlyArray<readonly [call: string, named: string]> = [
  ...['s3', 'gcs', 'oss', 'cosn'].map(
    (name) => [`${name}(${BUCKET}, 'CSV', 'a String')`, 'READ ON S3'] as const,
  ),
  ...['iceberg', 'icebergS3', 'deltaLake', 'deltaLakeS3', 'hudi', 'paimon', 'paimonS3'].map(
    (name) => [`${name}(${BUCKET})`, 'READ ON S3'] as const,
  ),
  ...['azureBlobStorage', 'icebergAzure', 'deltaLakeAzure', 'paimonAzure'].map(
    (name) => [`${name}(${AZURE})`, 'READ ON AZURE'] as const,
  ),
  ...['icebergHDFS', 'paimonHDFS'].map(
    (name) => [`${name}('hdfs://127.0.0.1:1/x')`, 'READ ON HDFS'] as const,
  ),
  ["hdfs('hdfs://127.0.0.1:1/x', 'CSV', 'a String')", 'READ ON HDFS'],
  ...['icebergLocal', 'deltaLakeLocal', 'paimonLocal', 'filesystem'].map(
    (name) => [`${name}('/etc')`, 'READ ON FILE'] as const,
  ),
  ["file('/etc/passwd', 'LineAsString')", 'function file'],
  ["url('http://127.0.0.1:1/')", 'READ ON URL'],
  ["url('http://127.0.0.1:1/', 'CSV', 'a String')", 'READ ON URL'],
  [`mysql(${ADDRESS}, 'a', 'b', 'c', 'd')`, 'READ ON MYSQL'],
  [`postgresql(${ADDRESS}, 'a', 'b', 'c', 'd')`, 'READ ON POSTGRES'],
  [`mongodb(${ADDRESS}, 'a', 'b', 'c', 'd', 'a String')`, 'READ ON MONGO'],
  [`redis(${ADDRESS}, 'k', 'k String')`, 'READ ON REDIS'],
  ["sqlite('/tmp/x', 't')", 'READ ON SQLITE'],
  ["odbc('a', 'b', 'c')", 'READ ON ODBC'],
  ["jdbc('a', 'b', 'c')", 'READ ON JDBC'],
  ["ytsaurus('http://127.0.0.1:1', '//x', 'y', 'a String')", 'READ ON YTSAURUS'],
  [`remote(${ADDRESS}, 'hidden.t')`, 'READ ON REMOTE'],
  [`remoteSecure(${ADDRESS}, hidden, t)`, 'READ ON REMOTE'],
  ["executable('x', 'TSV', 'a String')", 'function executable'],
  ["executable('x', 'TSV', 'a String', (SELECT 1))", 'function executable'],
  ["dictionary('d')", 'function dictionary'],
  ...[
    "loop('hidden', 't')",
    "merge('hidden', 't')",
    "mergeTreeIndex('hidden', 't')",
    "mergeTreeProjection('hidden', 't', 'p')",
    "mergeTreeTextIndex('hidden', 't', 'i')",
    "mergeTreeAnalyzeIndexes('hidden', 't')",
    "mergeTreeAnalyzeIndexesUUID('53480f7b-137e-4963-919a-faa41628262a')",
    "timeSeriesData('hidden', 't')",
    "timeSeriesMetrics('hidden', 't')",
    "timeSeriesSamples('hidden', 't')",
    "timeSeriesSelector('hidden', 't', 'up', 0, 1)",
    "timeSeriesTags('hidden', 't')",
    "prometheusQuery('hidden', 't', 'up', 0)",
    "prometheusQueryRange('hidden', 't', 'up', 0, 1, 1)",
    "eval('SELECT 1')",
  ].map((call) => [call, `function ${call.slice(0, call.indexOf('('))}`] as const),
];

const FORMS: ReadonlyArray<(call: string) => string> = [
  (call) => `SELECT * FROM ${call}`,
  (call) => `SELECT (SELECT count() FROM ${call})`,
  (call) => `SELECT 1 WHERE 1 IN (SELECT 1 FROM ${call})`,
  (call) => `SELECT 1 FROM seen AS l JOIN ${call} AS r ON 1`,
  (call) => `SELECT 1 UNION ALL SELECT 1 FROM ${call}`,
  (call) => `WITH x AS (SELECT * FROM ${call}) SELECT count() FROM x`,
  (call) => `SELECT * FROM view(SELECT * FROM ${call})`,
  (call) => `DESCRIBE TABLE ${call}`,
  (call) => `DESCRIBE (SELECT * FROM ${call})`,
  (call) => `EXPLAIN SELECT * FROM ${call}`,
  (call) => `EXPLAIN PIPELINE SELECT * FROM ${call}`,
  (call) => `EXPLAIN QUERY TREE SELECT * FROM ${call}`,
  (call) => `EXPLAIN ESTIMATE SELECT * FROM ${call}`,
];

it.each(CALLS)('refuses a reader, in whatever form, %s', async (call, named) => {
  const answers = await Promise.all(
    FORMS.map(async (form) => {
      const { headers, text } = await server.ask(form(call), { user: READER });
      const code = headers.get('x-clickhouse-exception-code');
      return code === '497' && text.includes(named) ? 'refused' : `${form(call)}: ${code} ${text}`;
    }),
  );
  expect(answers).toEqual(FORMS.map(() => 'refused'));
});

it.each(['s3Cluster', 'icebergCluster', 'deltaLakeCluster', 'hudiCluster', 'paimonCluster', 'urlCluster'])(
  'has no cluster that %s could ask',
  async (name) => {
    const answer = await server.ask(`SELECT * FROM ${name}('default', ${BUCKET}, 'CSV', 'a String')`, {
      user: READER,
    });
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('701');
  },
);

it('writes to none of them either', async () => {
  for (const call of [`url('http://127.0.0.1:1/', 'CSV', 'a String')`, `s3(${BUCKET}, 'CSV', 'a String')`]) {
    const answer = await server.ask(`INSERT INTO FUNCTION ${call} SELECT 'x'`, { user: READER });
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('164');
  }
});

it('gives what is permitted in the place of what is not', async () => {
  const query = `SELECT * FROM viewIfPermitted(SELECT a FROM url('http://127.0.0.1:1/', 'CSV', 'a String') ELSE values('a String', 'instead'))`;
  expect((await server.ask(query, { user: READER })).text).toBe('instead\n');
});
