import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findLogs, followLogs } from './follow-logs.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-logs-'));
  for (const name of ['postgres', 'sink-postgres', 'sink-clickhouse', 'ingest']) {
    await writeFile(join(dir, `${name}.log`), `${name} one\n${name} two\n${name} three\n`);
  }
});

afterEach(() => rm(dir, { recursive: true, force: true }));

test('a name is a log, or the beginning of several', async () => {
  expect(await findLogs(dir, ['sink'])).toEqual(['sink-clickhouse', 'sink-postgres']);
  expect(await findLogs(dir, ['sink-postgres', 'postgres'])).toEqual(['sink-postgres', 'postgres']);
  expect(await findLogs(dir, ['sink', 'sink-postgres'])).toEqual(['sink-clickhouse', 'sink-postgres']);
  expect(await findLogs(dir, [])).toHaveLength(4);
  await expect(findLogs(dir, ['outgest'])).rejects.toThrow(
    'there is no log of outgest; there are ingest, postgres, sink-clickhouse, sink-postgres',
  );
  await expect(findLogs(join(dir, 'none'), [])).rejects.toThrow('npm start writes them');
});

test('the last lines are shown, with the name where there are several', async () => {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  await followLogs({ dir, logs: ['ingest'], lines: 2, print });
  await followLogs({ dir, logs: ['ingest', 'sink-postgres'], lines: 1, print });
  expect(lines).toEqual([
    'ingest two',
    'ingest three',
    'ingest        | ingest three',
    'sink-postgres | sink-postgres three',
  ]);
});

test('what comes later is followed, over a log that is moved aside, whole lines only', async () => {
  const lines: string[] = [];
  const stopped = new AbortController();
  const following = followLogs({
    dir,
    logs: ['ingest'],
    lines: 0,
    follow: stopped.signal,
    print: (line) => lines.push(line),
  });
  const file = join(dir, 'ingest.log');
  const saw = async (...expected: string[]) => {
    for (let i = 0; i < 100 && lines.length < expected.length; i++) await sleep(20);
    expect(lines).toEqual(expected);
  };
  await appendFile(file, 'fo');
  await appendFile(file, 'ur – über\nfi');
  await saw('four – über');
  await appendFile(file, 've\n');
  await rename(file, `${file}.1`);
  await writeFile(file, 'six\n');
  await saw('four – über', 'five', 'six');
  stopped.abort();
  await following;
});
