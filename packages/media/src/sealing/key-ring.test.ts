import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyRing } from './key-ring.ts';

const [before, after] = [randomBytes(32), randomBytes(32)];

describe('createKeyRing', () => {
  it('makes another key for each file, and opens it again', () => {
    const ring = createKeyRing(before);
    const [one, other] = [ring.createKey(), ring.createKey()];
    expect(one.key.equals(other.key)).toBe(false);
    expect(ring.open(one).equals(one.key)).toBe(true);
    expect(one.sealedKey.includes(one.key)).toBe(false);
  });

  it('after a change of the master key opens what the old one sealed, and seals it anew', () => {
    const old = createKeyRing(before).createKey();
    const ring = createKeyRing(after, [before]);
    expect(old.keyId).not.toBe(ring.currentId);
    expect(ring.open(old).equals(old.key)).toBe(true);
    const resealed = ring.reseal(old);
    expect(resealed.keyId).toBe(ring.currentId);
    // The old one is no longer needed.
    expect(createKeyRing(after).open(resealed).equals(old.key)).toBe(true);
  });

  it('says which key is missing', () => {
    const sealed = createKeyRing(before).createKey();
    expect(() => createKeyRing(after).open(sealed)).toThrowError(
      expect.objectContaining({ code: 'key_unknown', message: expect.stringContaining(sealed.keyId) }),
    );
  });
});
