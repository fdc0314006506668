import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** A file of a message that is to go out. */
export interface OutgoingFile {
  tenantId: string;
  messageId: string;
  position: number;
}

/** How long an address opens its file: Twilio fetches it when it sends, and once more if that failed. */
export const outgoingForMs = 60 * 60 * 1_000;

/** Path of the API below which such files are. */
export const outgoingPath = '/api/v1/outgoing-media';

/**
 * An address that opens one file for an hour to whoever has it: a vendor can't log in.
 * @param secretsKey the key that API and jobs share
 * @param publicUrl where the API is reached from outside, without a path
 */
export function outgoingAddress(
  secretsKey: Buffer,
  publicUrl: string,
  file: OutgoingFile,
  now: number,
): string {
  const expires = Math.ceil((now + outgoingForMs) / 1_000);
  const { tenantId, messageId, position } = file;
  const url = new URL(publicUrl);
  url.pathname = `${url.pathname.replace(/\/$/, '')}${outgoingPath}/${tenantId}/${messageId}/${position}`;
  url.searchParams.set('expires', String(expires));
  url.searchParams.set('signature', sign(secretsKey, file, expires).toString('hex'));
  return url.href;
}

/** Whether an address of this file was made here, and opens it still. @param expires Unix seconds */
export function isOutgoingAddress(
  secretsKey: Buffer,
  file: OutgoingFile,
  { expires, signature }: { expires: number; signature: string },
  now: number,
): boolean {
  const given = Buffer.from(signature, 'hex');
  const right = sign(secretsKey, file, expires);
  return given.length === right.length && timingSafeEqual(given, right) && now < expires * 1_000;
}

function sign(secretsKey: Buffer, file: OutgoingFile, expires: number): Buffer {
  const key = Buffer.from(hkdfSync('sha256', secretsKey, '', 'outgoing media', 32));
  const { tenantId, messageId, position } = file;
  return createHmac('sha256', key).update(`${tenantId}/${messageId}/${position}/${expires}`).digest();
}
