import { hash, randomBytes } from 'node:crypto';

/** Namespace of all our name-based ids (itself a UUIDv5 of the DNS namespace and "switchboard"). */
const namespace = Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex');

/**
 * UUIDv5 (RFC 9562 §5.5) of several parts, each preceded by its byte length so that ('ab','c') and ('a','bc') differ.
 */
export function uuidV5(...parts: readonly string[]): string {
  const name = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  // In one go: an update costs as much as hashing a name.
  const hex = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return dashed(`${hex.slice(0, 12)}5${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`);
}

/** Id of a received event: the same vendor event gives the same id whenever and however often it arrives. */
export function eventId(
  tenantId: string,
  source: string,
  kind: string,
  vendorEventId: string,
  ...telling: string[]
): string {
  return uuidV5(tenantId, source, kind, vendorEventId, ...telling);
}

/** UUIDv7 (RFC 9562 §5.7): sorts by `nowMs`, the Unix time in milliseconds. */
export function uuidV7(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return dashed(bytes.toString('hex'));
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
