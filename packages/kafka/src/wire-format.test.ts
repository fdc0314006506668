import { expect, it } from 'vitest';
import { frame, schemaIdOf, unframe } from './wire-format.ts';

it('puts a zero byte and the schema id before the bytes', () => {
  const framed = frame(258, Buffer.from([9, 9, 9, 9, 9, 7, 8]));
  expect([...framed]).toEqual([0, 0, 0, 1, 2, 7, 8]);
  expect(unframe(framed)).toEqual({ schemaId: 258, avro: Buffer.from([7, 8]) });
});

it.each([[''], ['{"event":"call"}'], ['\0\0']])('refuses %j', (text) => {
  expect(() => unframe(Buffer.from(text))).toThrow(
    expect.objectContaining({ code: 'not_avro', retryable: false }),
  );
  expect(schemaIdOf(Buffer.from(text))).toBeNull();
});
