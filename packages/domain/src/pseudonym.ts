import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** A key that comes as bytes is made ready for the HMAC each time, which costs more than the HMAC. */
const ready = new WeakMap<Buffer, KeyObject>();

/**
 * A phone number's pseudonym for analytics: the first 128 bits of HMAC-SHA-256, written as a UUID. Equal for equal
 * numbers of one tenant, so that callers can be counted; without the key the numbers can't be tried out.
 */
export function pseudonymOf(key: Buffer, tenantId: string, phone: string): string {
  const prepared = ready.get(key) ?? createSecretKey(key);
  ready.set(key, prepared);
  const hex = createHmac('sha256', prepared).update(`${tenantId}:${phone}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
