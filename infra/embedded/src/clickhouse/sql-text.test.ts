import { describe, expect, it } from 'vitest';
import { findInsertData, readKill, readSet, readStatement, resetsSetting } from './sql-text.ts';

function split(text: string): { before: string; format: string; data: string } | undefined {
  const found = findInsertData(text);
  return (
    found && { before: text.slice(0, found.sourceAt), format: found.format, data: text.slice(found.dataAt) }
  );
}

describe('where the rows of an INSERT begin', () => {
  it.each([
    ['INSERT INTO t FORMAT CSV\n1,"a;b"\n', 'INSERT INTO t ', 'CSV', '1,"a;b"\n'],
    [
      'insert into db.t (a, b) format JSONEachRow {"a":1}',
      'insert into db.t (a, b) ',
      'JSONEachRow',
      '{"a":1}',
    ],
    [
      'INSERT INTO `format`.values (`values`) VALUES (1)',
      'INSERT INTO `format`.values (`values`) ',
      'Values',
      ' (1)',
    ],
    ['INSERT INTO t SETTINGS async_insert=0 FORMAT TSV\n\tx\n', 'INSERT INTO t ', 'TSV', '\tx\n'],
    [
      '/* FORMAT */ INSERT INTO t -- VALUES\n FORMAT TSV\r\n1\n',
      '/* FORMAT */ INSERT INTO t -- VALUES\n ',
      'TSV',
      '1\n',
    ],
    [
      "INSERT INTO FUNCTION file('format', 'CSV') (a) VALUES (1)",
      "INSERT INTO FUNCTION file('format', 'CSV') (a) ",
      'Values',
      ' (1)',
    ],
  ])('%j', (text, before, format, data) => {
    expect(split(text)).toEqual({ before, format, data });
  });

  it.each([
    'INSERT INTO t SELECT 1 FORMAT CSV',
    'INSERT INTO t WITH 1 AS values SELECT values',
    "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV",
    "SELECT 'INSERT INTO t FORMAT CSV'",
    'INSERT INTO t',
    '',
  ])('none in %j', (text) => {
    expect(split(text)).toBeUndefined();
  });
});

describe('a statement', () => {
  it.each([
    ['SELECT 1 FORMAT JSON', 'SELECT 1 ', 'JSON'],
    ['SELECT format FROM t FORMAT CSV;', 'SELECT format FROM t ', 'CSV'],
    ['SELECT a AS format', 'SELECT a AS format', undefined],
    ['SELECT 1 FORMAT JSON SETTINGS max_threads = 1 -- end', 'SELECT 1 ', 'JSON'],
    ["SELECT ' FORMAT JSON' -- FORMAT CSV", "SELECT ' FORMAT JSON'", undefined],
    ['SELECT (SELECT 1 FORMAT CSV) ; ', 'SELECT (SELECT 1 FORMAT CSV)', undefined],
  ])('%j ends before its FORMAT', (text, before, format) => {
    const statement = readStatement(text);
    expect(text.slice(0, statement.outputAt)).toBe(before);
    expect(statement.format).toBe(format);
    expect(statement.firstWord).toBe('SELECT');
  });

  it('says that it uses files of the server', () => {
    expect(readStatement("SELECT 1 INTO/**/OUTFILE '/tmp/x'").usesFiles).toBe(true);
    expect(readStatement("INSERT INTO t FROM INFILE '/tmp/x' FORMAT CSV").usesFiles).toBe(true);
    expect(readStatement("SELECT 'INTO OUTFILE'").usesFiles).toBe(false);
  });

  it('skips brackets and comments before its first word', () => {
    expect(readStatement('-- SET\n ((SELECT 1))').firstWord).toBe('SELECT');
    expect(readStatement(' /* nothing */ ;').firstWord).toBe('');
  });
});

describe('a setting that is set back to the default', () => {
  it.each([
    ['SELECT 1 SETTINGS readonly = DEFAULT', true],
    ['SELECT 1 SETTINGS a=1, b/**/=--\ndefault', true],
    ["SELECT 1 WHERE a = 'DEFAULT'", false],
    ['SELECT * FROM default.t WHERE a = 1', false],
    ['SELECT 1 -- = DEFAULT', false],
  ])('in %s: %s', (sql, found) => {
    expect(resetsSetting(sql)).toBe(found);
  });
});

describe('what SET sets', () => {
  it.each([
    [
      "SET a = 1, param_b = 'x, y', c.d=DEFAULT;",
      [
        ['a', '1'],
        ['param_b', "'x, y'"],
        ['c.d', 'DEFAULT'],
      ],
    ],
    [
      '/* 1 */ set a = [1, 2], -- b = 2\n c',
      [
        ['a', '[1, 2]'],
        ['c', '1'],
      ],
    ],
    [
      "SET m = {'k': 'v, w', 'l': ''}, n = -1.5",
      [
        ['m', "{'k': 'v, w', 'l': ''}"],
        ['n', '-1.5'],
      ],
    ],
    ["SET TIME ZONE 'Asia/Kolkata'", [['session_timezone', "'Asia/Kolkata'"]]],
    ["SET TIME ZONE = 'UTC'", [['session_timezone', "'UTC'"]]],
    ['SET ROLE someone', []],
    ['SET DEFAULT ROLE NONE TO someone', []],
    ['SET TRANSACTION SNAPSHOT 1', []],
    ['SELECT 1', []],
  ])('in %s', (sql, changes) => {
    expect(readSet(sql)).toEqual(changes);
  });
});

describe('KILL QUERY by the id of one query', () => {
  it.each([
    ["KILL QUERY WHERE query_id = 'a-b'", 'a-b', false],
    ["/* ApplicationName=x */ kill query where query_id='it''s' sync -- now", "it's", true],
    ["KILL QUERY WHERE query_id = '\\\\ \\'' ASYNC", "\\ '", false],
  ])('%s', (text, queryId, sync) => {
    expect(readKill(text)).toEqual({ queryId, sync });
  });

  it.each([
    "KILL QUERY WHERE query_id = 'a' TEST",
    "KILL QUERY WHERE query_id = 'a' OR 1",
    "KILL QUERY WHERE query_id != 'a'",
    "KILL QUERY WHERE query_id IN ('a')",
    "KILL QUERY WHERE user = 'a'",
    "KILL QUERY ON CLUSTER c WHERE query_id = 'a'",
    "KILL MUTATION WHERE mutation_id = 'a'",
    "KILL QUERY WHERE query_id = '\\x41'",
    "KILL QUERY WHERE query_id = 'a",
    'KILL QUERY WHERE query_id = "a"',
    'KILL QUERY WHERE query_id =',
    "SELECT 'KILL QUERY'",
    '',
  ])('none in %j', (text) => {
    expect(readKill(text)).toBeUndefined();
  });
});
