import { expect, test } from 'vitest';
import { checkMachine, type MachineFacts, machineFacts } from './machine.ts';

const good: MachineFacts = {
  platform: 'linux',
  arch: 'x64',
  glibc: '2.36',
  cpuFlags: new Set(['ssse3', 'sse4_1', 'sse4_2', 'popcnt']),
  freeBytes: () => Number.MAX_SAFE_INTEGER,
};
const all = { clickhouse: true, postgres: true };

test('this machine, on which the tests run, is one of those', () => {
  const facts = machineFacts();
  checkMachine(facts, all);
  expect(facts.freeBytes('/')).toBeGreaterThan(0);
});

test.each([
  [{ platform: 'win32' }, 'this is win32-x64.'],
  [{ arch: 'riscv64' }, 'this is linux-riscv64.'],
  [{ glibc: undefined }, 'needs the GNU C library'],
  [{ cpuFlags: new Set(['ssse3', 'sse4_1', 'popcnt']) }, 'needs a processor with sse4_2'],
])('%j is refused with what to do', (other, said) => {
  const check = () => checkMachine({ ...good, ...other }, all);
  expect(check).toThrow(expect.objectContaining({ code: 'platform_unsupported' }));
  expect(check).toThrow(said);
  expect(check).toThrow(/Start it on another machine, or give the URL .*CLICKHOUSE_URL\.$/);
});

test('what is not embedded asks nothing of the machine', () => {
  checkMachine({ ...good, platform: 'win32' }, { clickhouse: false, postgres: false });
  checkMachine({ ...good, glibc: undefined, cpuFlags: new Set() }, { clickhouse: false, postgres: true });
});

test('a processor whose kernel names no abilities is believed', () => {
  checkMachine({ ...good, arch: 'arm64', cpuFlags: undefined }, all);
});
