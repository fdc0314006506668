import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxDepth, parseJson } from './parse-json.ts';

const parse = (text: string) => parseJson(Buffer.from(text));
const readText = (text: string): unknown => {
  const parsed = parse(text);
  return parsed.ok ? parsed.value : parsed.reason;
};

describe('parseJson', () => {
  it('reads every JSON object as JSON.parse does, where text is clean and integers are exact', () => {
    const clean = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000'));
    fc.assert(
      fc.property(fc.dictionary(clean, fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        const read = parse(text);
        const printed = read.ok ? JSON.stringify(read.value) : read.reason;
        expect(printed).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['half an object', '{"a":'],
    ['a comment', '{} // no'],
    ['two values', '{}{}'],
    ['an open text', '{"a":"'],
    ['a text that ends in a backslash', '{"a":"\\'],
    ['a raw NUL', '{"a":"\u0000"}'],
    ['NaN', '{"a":NaN}'],
  ])('%s is no JSON', (_name, text) => {
    expect(readText(text)).toBe('not_json');
  });

  it('takes no bytes that are not UTF-8, and a byte order mark', () => {
    expect(parseJson(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toEqual({
      ok: false,
      reason: 'not_json',
    });
    expect(readText('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  it.each(['[]', '1', '"text"', 'null', 'true', '12345678901234567890'])('%s is no object', (text) => {
    expect(readText(text)).toBe('not_an_object');
  });

  it('tells deep nesting without parsing it, wherever brackets stand in texts', () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(parse(nested(maxDepth)).ok).toBe(true);
    expect(readText(nested(maxDepth + 1))).toBe('too_deep');
    expect(readText(nested(100_000))).toBe('too_deep');
    expect(readText('['.repeat(5_000_000))).toBe('not_json');
    const brackets = '['.repeat(1_000);
    expect(readText(`{"a":"\\"${brackets}\\\\","b":1}`)).toEqual({ a: `"${brackets}\\`, b: 1 });
  });

  it('takes NULs out of texts and names, and mends halves of surrogate pairs', () => {
    expect(readText('{"a\\u0000b":"x\\u0000y","c":["\\ud83d","\\uD83D\\uDE00"]}')).toEqual({
      ab: 'xy',
      c: ['\ufffd', '😀'],
    });
  });

  it('keeps integers that a double does not hold', () => {
    const parsed = parse('{"id":12345678901234567890,"big":1e400,"ok":1.5,"half":0.1250000000000000}');
    expect(parsed.ok && JSON.stringify(parsed.value)).toBe(
      '{"id":12345678901234567890,"big":1e400,"ok":1.5,"half":0.125}',
    );
    const listed = parse(
      '{"ids":[12345678901234567890,-12345678901234567891,\n12345678901234567892],"e":[1.5E+400]}',
    );
    expect(listed.ok && JSON.stringify(listed.value)).toBe(
      '{"ids":[12345678901234567890,-12345678901234567891,12345678901234567892],"e":[1.5E+400]}',
    );
  });

  it('lets no __proto__ through to a prototype', () => {
    const value = readText('{"__proto__":{"admin":true},"a\\u0000":{"__proto__":{"x":1}}}');
    expect(Reflect.get(Object(value), 'admin')).toBeUndefined();
    expect(Object.hasOwn(Object(value), '__proto__')).toBe(true);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
