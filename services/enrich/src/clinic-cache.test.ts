import { describe, expect, it } from 'vitest';
import { createClinicCache } from './clinic-cache.ts';

function setUp() {
  const loads: string[][] = [];
  const known = new Set(['a']);
  let clock = 0;
  const find = createClinicCache({
    load: async (ids) => {
      loads.push([...ids]);
      const found = ids.filter((id) => known.has(id));
      return new Map(
        found.map((id) => [id, { tenantId: id, timeZone: 'UTC', country: 'IN', practitioners: [] }]),
      );
    },
    maxAgeMs: 30,
    now: () => clock,
  });
  return { loads, known, find, wait: (ms: number) => (clock += ms) };
}

describe('the cache of clinics', () => {
  it('loads once until it is old', async () => {
    const { find, loads, wait } = setUp();
    await find(['a']);
    await find(['a']);
    expect(loads).toEqual([['a']]);
    wait(30);
    await find(['a']);
    expect(loads).toEqual([['a'], ['a']]);
  });

  it('asks again for what was not there', async () => {
    const { find, known, loads } = setUp();
    expect((await find(['b'])).size).toBe(0);
    known.add('b');
    expect((await find(['a', 'b'])).get('b')?.tenantId).toBe('b');
    expect(loads).toEqual([['b'], ['a', 'b']]);
  });
});
