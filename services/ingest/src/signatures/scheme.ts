import type { KeyObject } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A secret in the forms that schemes use. */
export interface SigningSecret {
  id: string;
  /** Key of the secret's text as given, UTF-8. */
  textKey: KeyObject;
  /** SHA-256 of that text. */
  textDigest: Buffer;
  /** Key of Standard Webhooks: the base64 behind `whsec_`; of a text that is no base64, the text. */
  standardKey: KeyObject;
}

/** What a request's headers claim, before any secret is tried. */
export interface Claim {
  /** Digests that were sent; one of them must be right. */
  presented: readonly Buffer[];
  /** Digests that the holder of `secret` may have sent: as many for one secret as for another. */
  expected(secret: SigningSecret, body: Buffer): readonly Buffer[];
}

export type ClaimFailure = 'malformed' | 'stale';

/** One way to sign a webhook. */
export interface SignatureScheme {
  /** As in a tenant's `webhook_modes`. */
  mode: string;
  /** The header whose presence claims this scheme. */
  header: string;
  /** All headers it reads; each may be there once only. */
  headers: readonly string[];
  /** Reads the headers without a secret, so that it can stand before the body is read. */
  read(headers: IncomingHttpHeaders, nowSeconds: number): Claim | ClaimFailure;
}

/** How far a signature's time may be from ours, either way, seconds. */
const toleranceSeconds = 300;

/** Unix seconds of a header; undefined when it is not plain digits. */
export function readUnixSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

export function isFresh(seconds: number, nowSeconds: number): boolean {
  return Math.abs(nowSeconds - seconds) <= toleranceSeconds;
}

/** A header's one value; Node joins repeated ones, which are refused elsewhere. */
export function oneHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
