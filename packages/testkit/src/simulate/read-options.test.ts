import { expect, it } from 'vitest';
import { readOptions } from './read-options.ts';

it('options have what is usual where nothing is said', () => {
  expect(readOptions([])).toMatchObject({ rate: 20, forMs: 60_000, seed: 1, tenants: 1, patients: 300 });
  expect(readOptions(['--history'])).toMatchObject({ history: true, days: 90, patients: 300 });
  expect(readOptions(['--rate', '0.5', '--for', '1.5m'])).toMatchObject({ rate: 0.5, forMs: 90_000 });
});

it.each([
  ['--rate 0', '--rate must be a number from 0.01 to 5000'],
  ['--for 60', '--for must be a time like 60s, 5m or 1h'],
  ['--history --days 1.5', '--days must be a whole number from 1 to 1000'],
  ['--tenants 0', '--tenants must be a whole number from 1 to 50'],
  ['--days 3', '--days needs --history'],
  ['--csv out', '--csv needs --history'],
  ['--history --rate 3', '--rate goes without --history'],
  ['--url https://a.example', '--url needs --url and --secret, both'],
  ['--url a --secret b', '--url must be a URL'],
  ['--url https://a.example --secret b --tenants 2', '--tenants makes clinics in the stack that runs here'],
  ['--history --url https://a.example --secret b', 'a history needs --key, or --csv'],
  ['--clinics 3', "Unknown option '--clinics'"],
  ['now', 'now'],
])('%s says what would be right', (line, message) => {
  expect(() => readOptions(line.split(' '))).toThrow(message);
});
