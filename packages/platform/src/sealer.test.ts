import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer } from './sealer.ts';

const sealer = createSealer(randomBytes(32));

describe('createSealer', () => {
  it('opens what it sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (plain) => {
        expect(sealer.open(sealer.seal(plain)).equals(plain)).toBe(true);
      }),
    );
  });

  it('never seals alike twice, and hides what it seals', () => {
    const plain = Buffer.from('Asha Rao');
    expect(sealer.seal(plain).equals(sealer.seal(plain))).toBe(false);
    expect(sealer.seal(plain).includes(plain)).toBe(false);
  });

  it('refuses a changed byte anywhere, and every shorter piece', () => {
    const sealed = sealer.seal(Buffer.from('Asha Rao'));
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => sealer.open(changed)).toThrowError(expect.objectContaining({ code: 'seal_broken' }));
      expect(() => sealer.open(sealed.subarray(0, index))).toThrowError(
        expect.objectContaining({ code: 'seal_broken' }),
      );
    }
  });

  it('refuses another key, and a key that is none', () => {
    const other = createSealer(randomBytes(32));
    expect(() => other.open(sealer.seal(Buffer.from('x')))).toThrowError(
      expect.objectContaining({ code: 'seal_broken' }),
    );
    expect(() => createSealer(randomBytes(16))).toThrowError(
      expect.objectContaining({ code: 'key_invalid' }),
    );
  });

  it('opens with old keys, and seals with the new one alone', () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)];
    const rotated = createSealer(newer, [randomBytes(32), older]);
    expect(rotated.open(createSealer(older).seal(Buffer.from('x'))).toString()).toBe('x');
    expect(
      createSealer(newer)
        .open(rotated.seal(Buffer.from('y')))
        .toString(),
    ).toBe('y');
    expect(() => createSealer(newer, [randomBytes(16)])).toThrowError(
      expect.objectContaining({ code: 'key_invalid' }),
    );
  });
});
