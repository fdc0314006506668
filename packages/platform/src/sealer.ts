import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SwitchboardError } from './errors.ts';

export interface Sealer {
  /** AES-256-GCM: version byte, 12 bytes of nonce, 16 of tag, ciphertext. */
  seal(plain: Uint8Array): Buffer;
  /** @throws SwitchboardError `seal_broken` when no key of ours is the right one, or a byte was changed. */
  open(sealed: Uint8Array): Buffer;
}

const version = 1;
const algorithm = 'aes-256-gcm';
/** Without it Node takes shorter tags too, which can be guessed. */
const options = { authTagLength: 16 };

/**
 * Seals bytes at rest.
 * @param key 32 bytes
 * @param oldKeys what the key was before: they open, and seal nothing any more
 * @throws SwitchboardError `key_invalid`
 */
export function createSealer(key: Buffer, oldKeys: readonly Buffer[] = []): Sealer {
  const keys = [key, ...oldKeys];
  if (keys.some(({ length }) => length !== 32))
    throw new SwitchboardError('key_invalid', 'a sealing key has 32 bytes');
  return {
    seal(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv(algorithm, key, nonce, options);
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.from([version]), nonce, cipher.getAuthTag(), body]);
    },
    open(sealed) {
      // The tag tells a wrong key from the right one.
      let cause: unknown;
      for (const one of keys) {
        try {
          return openWith(one, sealed);
        } catch (error) {
          cause = error;
        }
      }
      throw new SwitchboardError('seal_broken', 'sealed bytes cannot be opened with this key', { cause });
    },
  };
}

function openWith(key: Buffer, sealed: Uint8Array): Buffer {
  if (sealed[0] !== version) throw new Error('unknown version');
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(1, 13), options);
  decipher.setAuthTag(sealed.subarray(13, 29));
  return Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()]);
}
