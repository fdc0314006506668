import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { downloadProgress } from './download-progress.ts';

const files = [
  { path: 'big-1.jar', bytes: 30_000_000, sha256: '' },
  { path: 'small-2.jar', bytes: 10_000_000, sha256: '' },
];

let lines: string[];

beforeEach(() => {
  lines = [];
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('tells what, how much of how much, and how many files, at most once a second', () => {
  const follow = downloadProgress('Kafka 9', files, (line) => lines.push(line));
  const later = (ms: number, text: string) => {
    vi.advanceTimersByTime(ms);
    follow.heard(text);
  };
  later(10, 'Downloading from central: https://repo/g/big/1/big-1.jar\r\nProgress (1): 1.0/30 MB\r');
  later(1_000, 'Progress (2): 12/30 MB | 4.5/10 MB\r');
  later(100, 'Progress (2): 13/30 MB | 4.9/10 MB\r');
  later(
    1_000,
    'Downloaded from central: https://repo/g/small/2/small-2.jar (10 MB at 9 MB/s)\nProgress (1): 15',
  );
  later(1_000, '/30 MB\r');
  later(1_000, 'Downloaded from central: https://repo/g/big/1/big-1.jar (30 MB at 9 MB/s)\n');
  vi.advanceTimersByTime(1_000);
  follow.end();
  expect(lines).toEqual([
    'Kafka 9: downloaded 1.0 of 40.0 MB, 0 of 2 files',
    'Kafka 9: downloaded 17.9 of 40.0 MB, 0 of 2 files',
    'Kafka 9: downloaded 17.9 of 40.0 MB, 1 of 2 files',
    'Kafka 9: downloaded 25.0 of 40.0 MB, 1 of 2 files',
    'Kafka 9: downloaded 40.0 of 40.0 MB, 2 of 2 files',
  ]);
});

test('what is not among the files is not counted, and it never goes back', () => {
  const follow = downloadProgress('Kafka 9', files, (line) => lines.push(line));
  vi.advanceTimersByTime(2_000);
  follow.heard('Downloaded from central: https://repo/plugin/3/plugin-3.jar (1 MB at 9 MB/s)\n');
  expect(lines).toEqual([]);
  follow.heard('Progress (1): 20/30 MB\r');
  vi.advanceTimersByTime(2_000);
  follow.heard('Progress (1): 2/30 MB\r');
  follow.end();
  expect(lines).toEqual(['Kafka 9: downloaded 20.0 of 40.0 MB, 0 of 2 files']);
});

test('a halt is seen: it is said again how far it is', () => {
  const follow = downloadProgress('Kafka 9', files, (line) => lines.push(line));
  vi.advanceTimersByTime(1_000);
  follow.heard('Progress (1): 20/30 MB\r');
  vi.advanceTimersByTime(21_000);
  follow.end();
  expect(lines).toHaveLength(3);
  expect(new Set(lines)).toEqual(new Set(['Kafka 9: downloaded 20.0 of 40.0 MB, 0 of 2 files']));
});
