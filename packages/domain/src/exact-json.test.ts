import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson } from './exact-json.ts';

describe('parseExactJson', () => {
  it.each([
    '{"ticket":9007199254740993,"crm":[12345678901234567890,{"deep":-90071992547409931}]}',
    '[1.10,0.1234567890123456789,1e400,-0,1E5,0,1.5]',
    '{"a":"12345678901234567890","b":null,"c":true}',
  ])('loses no digit of %s', (text) => {
    expect(JSON.stringify(parseExactJson(text))).toBe(text);
  });

  it('gives what JSON.parse gives where that loses nothing', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), (text) => {
        const compact = JSON.stringify(JSON.parse(text));
        expect(JSON.stringify(parseExactJson(compact))).toBe(compact);
      }),
    );
  });
});
