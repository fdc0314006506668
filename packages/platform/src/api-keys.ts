import { createHash, randomBytes } from 'node:crypto';

/** What is stored of an API key. */
export interface StoredApiKey {
  /** The part of the key that names it. */
  keyId: string;
  /** SHA-256 of its secret part, which has 256 random bits, so that no slow hash is needed. */
  secretHash: Buffer;
}

/** A new key, `sb_<id>_<secret>`. */
export function makeApiKey(): string {
  return `sb_${randomBytes(6).toString('hex')}_${randomBytes(32).toString('hex')}`;
}

/** What is stored of a key. */
export function storedApiKey(key: string): StoredApiKey {
  const [, keyId = '', secret = ''] = key.split('_');
  return { keyId, secretHash: createHash('sha256').update(secret).digest() };
}
