import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { SwitchboardError } from '@switchboard/platform';
import type { SigningSecret } from './scheme.ts';

const prefix = 'whsec_';
/** Standard Webhooks asks for 24 to 64 bytes; vendors' shorter ones are taken down to what can't be guessed. */
const shortestKeyBytes = 16;

/** Below this a secret can be guessed; an empty one would let everybody in. */
const shortestText = 8;

/**
 * A secret's text in the forms that the schemes use. Keys are made once: it costs as much as a short HMAC.
 *
 * @throws SwitchboardError `secret_too_short`
 */
export function createSigningSecret(id: string, text: string): SigningSecret {
  if (text.length < shortestText)
    throw new SwitchboardError('secret_too_short', `a webhook secret needs ${shortestText} characters`);
  const textKey = createSecretKey(text, 'utf8');
  return {
    id,
    textKey,
    textDigest: createHash('sha256').update(text).digest(),
    standardKey: standardKeyOf(text) ?? textKey,
  };
}

/** A secret that nobody knows, tried where a tenant has none, so that both take the same time. */
export function createDummySecret(): SigningSecret {
  return createSigningSecret('dummy', `${prefix}${randomBytes(32).toString('base64')}`);
}

function standardKeyOf(text: string): KeyObject | undefined {
  const base64 = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  // Buffer.from passes over what is not base64: a text of such letters only would become an empty, guessable key.
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64)) return undefined;
  const key = Buffer.from(base64, 'base64');
  return key.length >= shortestKeyBytes ? createSecretKey(key) : undefined;
}
