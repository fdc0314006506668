import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const basic = `Basic ${Buffer.from(`${ADMIN.name}:${ADMIN.password}`).toString('base64')}`;

describe('asking', () => {
  it('answers a GET, and lets it change nothing', async () => {
    const url = new URL(server.engine.url);
    url.searchParams.set('query', 'SELECT 1 AS a FORMAT JSONEachRow');
    const response = await fetch(url, { headers: { authorization: basic } });
    expect(await response.text()).toBe('{"a":1}\n');
    expect(response.headers.get('x-clickhouse-format')).toBe('JSONEachRow');
    url.searchParams.set('query', 'CREATE TABLE never (a Int8) ENGINE = Memory');
    const refused = await fetch(url, { headers: { authorization: basic } });
    expect(refused.headers.get('x-clickhouse-exception-code')).toBe('164');
    expect(await refused.text()).toContain('method GET implies readonly');
  });

  it.each(['/', '/ping', '/replicas_status'])('says Ok at %s', async (path) => {
    const response = await fetch(new URL(path, server.engine.url));
    expect([response.status, await response.text()]).toEqual([200, 'Ok.\n']);
  });

  it('names itself, the query, the format and what was read', async () => {
    const answer = await server.ask('SELECT number FROM numbers(3)', {
      search: { query_id: 'q-1', default_format: 'JSONCompactEachRow' },
    });
    expect(answer.text).toBe('["0"]\n["1"]\n["2"]\n'.replaceAll('"', ''));
    expect(answer.headers.get('x-clickhouse-query-id')).toBe('q-1');
    expect(answer.headers.get('x-clickhouse-server-display-name')).toBe('switchboard');
    expect(answer.headers.get('x-clickhouse-timezone')).toBeTruthy();
    expect(JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({ result_rows: '3' });
  });

  it('takes id, database and format from headers before those of the URL', async () => {
    await server.read('CREATE DATABASE elsewhere');
    const answer = await server.ask('SELECT currentDatabase() AS d', {
      headers: {
        'X-ClickHouse-Query-Id': 'q-2',
        'X-ClickHouse-Database': 'elsewhere',
        'X-ClickHouse-Format': 'JSONEachRow',
      },
      search: { database: 'system', default_format: 'CSV' },
    });
    expect(answer.text).toBe('{"d":"elsewhere"}\n');
    expect(answer.headers.get('x-clickhouse-query-id')).toBe('q-2');
  });

  it('takes parameters as values, never as SQL', async () => {
    const nasty = "it's \\'; DROP TABLE x; -- \\\\ {y:String} ünï 😀";
    const escaped = nasty.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
    expect(await server.read('SELECT {x:String} FORMAT TSVRaw', { param_x: escaped })).toBe(nasty);
    expect(
      await server.read('SELECT {a:Array(String)}[2], {n:Nullable(UInt8)} IS NULL', {
        param_a: "['p','q''']",
        param_n: '\\N',
      }),
    ).toBe("q\\'\t1");
    const bad = await server.ask('SELECT {n:UInt8}', { search: { param_n: '1 OR 1' } });
    expect(bad.headers.get('x-clickhouse-exception-code')).toBe('457');
  });

  it('takes parameters as long as a URL may be', async () => {
    const list = JSON.stringify(Array.from({ length: 50_000 }, (_, n) => n));
    expect(await server.read('SELECT length({x:Array(UInt32)})', { param_x: list })).toBe('50000');
  });

  it('keeps settings and parameters to their own request', async () => {
    const setting = "SELECT getSetting('max_result_rows')";
    expect(await server.read(setting, { max_result_rows: '77' })).toBe('77');
    expect(await server.read(setting)).toBe('0');
    await server.read('SELECT {x:String}', { param_x: 'mine' });
    const later = await Promise.all(Array.from({ length: 20 }, () => server.ask('SELECT {x:String}')));
    expect(later.map((answer) => answer.headers.get('x-clickhouse-exception-code'))).toEqual(
      Array(20).fill('456'),
    );
  });

  it('keeps what a client sets under its session_id', async () => {
    await server.read('CREATE TEMPORARY TABLE mine (a UInt8)', { session_id: 's' });
    await server.read('INSERT INTO mine VALUES (7)', { session_id: 's' });
    expect(await server.read('SELECT a FROM mine', { session_id: 's' })).toBe('7');
    expect((await server.ask('SELECT a FROM mine')).status).toBe(404);
    expect(
      (await server.ask('SELECT 1', { search: { session_id: 'none', session_check: '1' } })).text,
    ).toContain('SESSION_NOT_FOUND');
  });

  it('reads parameters from a form', async () => {
    const form = new FormData();
    form.set('param_x', 'from a form');
    const answer = await server.ask('SELECT {x:String}', { body: form });
    expect(answer.text).toBe('from a form\n');
  });
});

describe('rows', () => {
  it.each([
    'JSONEachRow',
    'JSON',
    'JSONCompact',
    'JSONCompactEachRowWithNamesAndTypes',
    'CSV',
    'CSVWithNames',
    'TabSeparated',
    'TabSeparatedWithNamesAndTypes',
    'Values',
    'Native',
    'RowBinary',
    'RowBinaryWithNamesAndTypes',
    'Parquet',
    'ORC',
    'Avro',
    'ArrowStream',
    'MsgPack',
  ])('come back as %s as they went out', async (format) => {
    const table = `roundtrip_${format.toLowerCase()}`;
    await server.read(`CREATE TABLE ${table} (a UInt32, s String) ENGINE = MergeTree ORDER BY a`);
    const url = new URL(server.engine.url);
    url.searchParams.set(
      'query',
      `SELECT toUInt32(number) AS a, concat('row;\n\t''"', char(0), toString(number)) AS s FROM numbers(50) FORMAT ${format}`,
    );
    const bytes = await (await fetch(url, { headers: { authorization: basic } })).arrayBuffer();
    const answer = await server.ask(`INSERT INTO ${table} FORMAT ${format}`, { body: bytes });
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({
      written_rows: '50',
    });
    expect(
      await server.read(
        `SELECT count(), sum(a), countIf(s = concat('row;\n\t''"', char(0), toString(a))) FROM ${table}`,
      ),
    ).toBe('50\t1225\t50');
  });

  it('may stand in the body after the statement, whatever is in them', async () => {
    await server.read('CREATE TABLE body (a UInt32, s String) ENGINE = MergeTree ORDER BY a');
    await server.read('INSERT INTO body FORMAT JSONEachRow\n{"a":1,"s":"; DROP"}\n\n{"a":2,"s":"x"}\n');
    await server.read("INSERT INTO body (a, s) VALUES (3, 'a;b'),\n\n(1 + 3, lower('C'));");
    await server.read('INSERT INTO body SETTINGS async_insert = 0 FORMAT CSV 5,"two\nlines"\n');
    expect(await server.read('SELECT groupArray((a, s)) FROM (SELECT * FROM body ORDER BY a)')).toBe(
      "[(1,'; DROP'),(2,'x'),(3,'a;b'),(4,'c'),(5,'two\\nlines')]",
    );
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const)('may come packed by %s', async (encoding, pack) => {
    const query = "SELECT length('".concat('x'.repeat(5000), "')");
    const answer = await server.ask('', {
      body: new Uint8Array(pack(query)),
      headers: { 'content-encoding': encoding },
    });
    expect(answer.text).toBe('5000\n');
    const broken = await server.ask('', { body: 'not packed', headers: { 'content-encoding': encoding } });
    expect(broken.text).toContain('CANNOT_DECOMPRESS');
  });

  it.each(['gzip', 'deflate', 'zstd', 'br'])(
    'are packed by %s when the client wants that',
    async (encoding) => {
      const search = { enable_http_compression: '1' };
      const answer = await server.ask('SELECT number FROM numbers(100000)', {
        search,
        headers: { 'accept-encoding': encoding },
      });
      expect(answer.headers.get('content-encoding')).toBe(encoding);
      expect(answer.text.length).toBe(588_890);
    },
  );

  it('refuses bad rows whole', async () => {
    await server.read('CREATE TABLE strict (a UInt32) ENGINE = MergeTree ORDER BY a');
    const answer = await server.ask('INSERT INTO strict FORMAT JSONEachRow', { body: '{"a":1}\n{"a":"no"}' });
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([400, '27']);
    expect(answer.text).not.toContain('spool');
    expect(await server.read('SELECT count() FROM strict')).toBe('0');
  });
});

describe('what is wrong', () => {
  it.each([
    ['SELEC 1', 400, 62],
    ['SELECT nope', 404, 47],
    ['SELECT * FROM nope', 404, 60],
    ['SELECT * FROM nope.nope', 404, 81],
    ['SELECT 1 FORMAT Nope', 404, 73],
    ['SELECT 1; SELECT 2', 400, 62],
    ['  -- nothing', 400, 62],
    ["SELECT throwIf(number = 5, 'told') FROM numbers(10)", 500, 395],
    ["SELECT 1 INTO OUTFILE '/tmp/never'", 500, 358],
    ["INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", 404, 78],
    [`SELECT '${'x'.repeat(1024 * 1024)}'`, 413, 229],
  ])('%.40s', async (query, status, code) => {
    const answer = await server.ask(query);
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe(String(code));
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: [\\s\\S]+\\([A-Z_]+\\) \\(version 26`),
    );
  });

  it('is a setting that does not exist, or a name that is none', async () => {
    expect((await server.ask('SELECT 1', { search: { nope: '1' } })).status).toBe(404);
    expect((await server.ask('SELECT 1', { search: { 'a = 1, b': '1' } })).text).toContain('UNKNOWN_SETTING');
    expect((await server.ask('SELECT 1', { search: { database: 'nope' } })).text).toContain(
      'UNKNOWN_DATABASE',
    );
  });

  it.each([
    { name: ADMIN.name, password: 'wrong' },
    { name: 'nobody', password: '' },
    { name: 'default', password: '' },
  ])('is a wrong password: $name', async (user) => {
    const answer = await server.ask('SELECT 1', { user });
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([403, '516']);
    expect(answer.text).toContain('AUTHENTICATION_FAILED');
  });

  it('is a path or a method that is not served', async () => {
    expect((await fetch(new URL('/nope', server.engine.url))).status).toBe(404);
    expect((await fetch(server.engine.url, { method: 'PUT', body: 'x' })).status).toBe(501);
  });
});
