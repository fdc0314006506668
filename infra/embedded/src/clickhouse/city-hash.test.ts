import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { cityHash128 } from './city-hash.ts';

const bytesOf = (size: number) =>
  Buffer.from(Array.from({ length: size }, (_, i) => (i * i * 31 + i * 7 + size) % 251));

// By the C++ of version 1.0.2, through Python's clickhouse-cityhash.
it.each([
  [0, '2b9ac064fc9df03d291ee592c340b53c'],
  [3, 'cbcf8690335ba94edd83b448daed6809'],
  [9, 'e8a66090de956b8a0f5b37524eb43b96'],
  [25, 'e9d5cde2aa141016edf0f81324f61b34'],
  [144, '7a874d1f5d112b432f464913f8f9f9ea'],
  [4096, '58f2abd46b19aa99a30fcf2656514bcc'],
])('is that of CityHash 1.0.2, of %i bytes', (size, hash) => {
  expect(cityHash128(bytesOf(size)).toString('hex')).toBe(hash);
});

it('is that of CityHash 1.0.2, of every size up to 199 bytes and of some beyond', () => {
  const all = createHash('sha256');
  for (let size = 0; size < 200; size += 1) all.update(cityHash128(bytesOf(size)));
  for (const size of [255, 256, 257, 4096, 65_537]) all.update(cityHash128(bytesOf(size)));
  expect(all.digest('hex')).toBe('a4c131bdd199eb3d0224e09bd7c21f87754fc17417b554141785607a2f5fda77');
});

it('is that of the bytes given, wherever they stand in memory', () => {
  const at = Buffer.concat([Buffer.from('abc'), bytesOf(300), Buffer.from('def')]);
  expect(cityHash128(at.subarray(3, 303))).toEqual(cityHash128(bytesOf(300)));
});
