import type { KeyObject } from 'node:crypto';
import { entityKeyOf } from '../records/entity-key.ts';

/**
 * The `contact_key` of messages: tells the other parties of a clinic apart without saying their numbers, and keeps the
 * messages of each in order.
 * @param address as the vendor writes it, e.g. `whatsapp:+919812345678`
 */
export function contactKeyOf(key: KeyObject, tenantId: string, channel: string, address: string): string {
  return entityKeyOf(key, tenantId, `contact:${channel}`, address.replace(/^[a-z]+:/, ''));
}
