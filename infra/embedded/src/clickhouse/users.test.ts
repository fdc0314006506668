import { describe, expect, it } from 'vitest';
import { parseUsers } from './users.ts';

describe('parseUsers', () => {
  it('gives a read-only user its database unless told otherwise', () => {
    const json =
      '{"a":{"password":"p"},"b":{"password":"q","readonly":true},"c":{"password":"r","readonly":true,"grants":["SELECT ON d.v"]}}';
    expect(parseUsers(json, 'd')).toEqual([
      { name: 'a', password: 'p', readonly: false, grants: ['SELECT, SHOW ON d.*'] },
      { name: 'b', password: 'q', readonly: true, grants: ['SELECT, SHOW ON d.*'] },
      { name: 'c', password: 'r', readonly: true, grants: ['SELECT ON d.v'] },
    ]);
  });

  it.each([
    ['', /not JSON/],
    ['{}', /object of users/],
    ['{"default":{"password":"x"}}', /not a usable name/],
    ['{"a<b":{"password":"x"}}', /not a usable name/],
    ['{"a":{}}', /users\.a\.password/],
    ['{"a":{"password":"hidden","readonly":"yes"}}', /users\.a\.readonly/],
    ['{"a":{"password":"hidden","grants":[1]}}', /users\.a\.grants/],
  ])('refuses %s', (json, message) => {
    expect(() => parseUsers(json, 'd')).toThrow(message);
    expect(() => parseUsers(json, 'd')).not.toThrow(/hidden/);
  });
});
