import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyJars } from '../maven.ts';
import { ADMIN, READER, startTestServer, type TestServer } from './test-server.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('./foreign-clients/UseJdbc.java', import.meta.url));
const DRIVER = { groupId: 'com.clickhouse', artifactId: 'clickhouse-jdbc', version: '0.10.0' };

let jars: string;
let server: TestServer;
let proxy: Server;
/** How each request was compressed. */
const asked: string[] = [];
beforeAll(async () => {
  jars = await mkdtemp(join(tmpdir(), 'switchboard-jdbc-'));
  await copyJars([DRIVER], jars, {});
  server = await startTestServer();
  // The driver is slow with frames: its connection must outlast them.
  proxy = createServer({ keepAliveTimeout: 600_000 }, (from, to) => {
    const { searchParams } = new URL(from.url ?? '', server.engine.url);
    const told = [...searchParams]
      .filter(([name]) => name.includes('compress'))
      .map((pair) => pair.join('='));
    const { 'content-encoding': sent = '-', 'accept-encoding': wanted = '-' } = from.headers;
    asked.push(`${told.sort().join('&')} ${sent} ${wanted}`);
    const url = new URL(from.url ?? '', server.engine.url);
    const passedOn = request(url, { method: 'POST', headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(to);
    });
    passedOn.on('error', () => to.destroy());
    from.pipe(passedOn);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  proxy?.closeAllConnections();
  proxy?.close();
  await server?.stop();
  await rm(jars, { recursive: true, force: true });
});

it("is used by ClickHouse's JDBC driver, as Metabase has it, in each of its compressions", async () => {
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { stdout } = await run('java', [
    '-cp',
    join(jars, '*'),
    SOURCE,
    `jdbc:clickhouse://127.0.0.1:${port}/switchboard`,
    ...[ADMIN.name, ADMIN.password, READER.name, READER.password],
  ]);
  const unknown =
    'Unknown expression identifier `nope` in scope SELECT nope: Note: the query does not have the FROM clause. Did you forget to add it?.';
  const withCompression = (rows: number) => [
    `inserted: ${rows}`,
    "read: 7|it's \\ 7 ü|3.5, 8|it's \\ 8 ü|null",
    'large: 1000000 499999500000',
    `error: 47 Code: 47. DB::Exception: ${unknown} (UNKNOWN_IDENTIFIER)`,
  ];
  expect(stdout.trimEnd().split('\n')).toEqual([
    ...withCompression(50_000),
    ...withCompression(50_000),
    ...withCompression(1_000),
    'columns: id UInt32, name String, at DateTime, n Nullable(Float64)',
    'reader reads: 1000',
    'reader writes: 164 Code: 164. DB::Exception: Cannot execute query in readonly mode (READONLY)',
    expect.stringMatching(/^reader looks elsewhere: 497 .*READ ON URL\. \(ACCESS_DENIED\)$/),
    expect.stringMatching(/^stranger: 516 Code: 516\. .* \(AUTHENTICATION_FAILED\)$/),
  ]);
  expect(new Set(asked)).toEqual(
    new Set(['compress=1 - -', 'compress=1&decompress=1 - -', 'enable_http_compression=1 lz4 lz4']),
  );
});
