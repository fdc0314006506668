import { randomBytes } from 'node:crypto';
import type { SigningSecret } from './scheme.ts';

const prefix = 'whsec_';
/** Standard Webhooks asks for 24 to 64 bytes; vendors' shorter ones are taken down to what can't be guessed. */
const shortestKeyBytes = 16;

/** A secret's text in the forms that the schemes use. */
export function createSigningSecret(id: string, text: string): SigningSecret {
  return { id, raw: Buffer.from(text, 'utf8'), standardKey: standardKeyOf(text) };
}

/** A secret that nobody knows, tried where a tenant has none, so that both take the same time. */
export function createDummySecret(): SigningSecret {
  return { id: 'dummy', raw: randomBytes(32), standardKey: randomBytes(32) };
}

function standardKeyOf(text: string): Buffer | undefined {
  const base64 = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  // Buffer.from passes over what is not base64: a text of such letters only would become an empty, guessable key.
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64)) return undefined;
  const key = Buffer.from(base64, 'base64');
  return key.length >= shortestKeyBytes ? key : undefined;
}
