import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SwitchboardError } from './errors.ts';

export interface Sealer {
  /** AES-256-GCM: version byte, 12 bytes of nonce, 16 of tag, ciphertext. */
  seal(plain: Uint8Array): Buffer;
  /** @throws SwitchboardError `seal_broken` when the key is another or a byte was changed. */
  open(sealed: Uint8Array): Buffer;
}

const version = 1;

/** Seals bytes at rest with a 32-byte key. */
export function createSealer(key: Buffer): Sealer {
  return {
    seal(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.from([version]), nonce, cipher.getAuthTag(), body]);
    },
    open(sealed) {
      try {
        if (sealed[0] !== version) throw new Error('unknown version');
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13));
        decipher.setAuthTag(sealed.subarray(13, 29));
        return Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()]);
      } catch (cause) {
        throw new SwitchboardError('seal_broken', 'sealed bytes cannot be opened with this key', { cause });
      }
    },
  };
}
