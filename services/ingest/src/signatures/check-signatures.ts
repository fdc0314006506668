import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Claim, SignatureScheme, SigningSecret } from './scheme.ts';
import { createDummySecret } from './secrets.ts';

/** Why a caller is refused: a counter's label. */
export type RefusalReason =
  | 'missing'
  | 'repeated_header'
  | 'malformed'
  | 'stale'
  | 'wrong'
  | 'unknown_tenant'
  | 'mode_off';

export interface SchemeClaim {
  scheme: SignatureScheme;
  claim: Claim;
}

/** Whom the proof is checked against; undefined: nobody by that name, checked all the same. */
export interface Prover {
  webhookModes: ReadonlySet<string>;
  secrets: readonly SigningSecret[];
}

const dummy = createDummySecret();

/**
 * What the headers claim, one claim per scheme present. Needs no secret and no tenant, so it stands before the body is
 * read and tells nothing about either.
 */
export function readClaims(
  request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  schemes: readonly SignatureScheme[],
  nowSeconds: number,
): SchemeClaim[] | RefusalReason {
  const present = schemes.filter(({ header }) => request.headers[header] !== undefined);
  if (present.length === 0) return 'missing';
  if (hasRepeatedHeader(request.rawHeaders, present)) return 'repeated_header';
  const claims: SchemeClaim[] = [];
  for (const scheme of present) {
    const claim = scheme.read(request.headers, nowSeconds);
    if (typeof claim === 'string') return claim;
    claims.push({ scheme, claim });
  }
  return claims;
}

/**
 * Checks the claims over the raw body: every one must be right, and one of an allowed mode must be among them.
 * Takes the time of `slots` secrets per claim, whoever the prover is and however many secrets they have.
 *
 * @returns undefined when the prover is who they say.
 */
export function checkClaims(
  claims: readonly SchemeClaim[],
  prover: Prover | undefined,
  slots: number,
  body: Buffer,
): RefusalReason | undefined {
  const secrets = prover?.secrets ?? [];
  let wrong = 0;
  let allowed = 0;
  for (const { scheme, claim } of claims) {
    let right = 0;
    for (let slot = 0; slot < Math.max(slots, secrets.length, 1); slot += 1) {
      const secret = secrets[slot];
      const matches = matchesAny(claim.presented, claim.expected(secret ?? dummy, body));
      if (secret) right |= matches;
    }
    wrong |= right ^ 1;
    allowed |= prover?.webhookModes.has(scheme.mode) ? 1 : 0;
  }
  if (!prover) return 'unknown_tenant';
  if (wrong) return 'wrong';
  return allowed ? undefined : 'mode_off';
}

/** 1 or 0, after comparing each with each: which one was right shows in no time taken. */
function matchesAny(presented: readonly Buffer[], expected: readonly Buffer[]): number {
  let matches = 0;
  for (const digest of presented)
    for (const right of expected)
      matches |= digest.length === right.length && timingSafeEqual(digest, right) ? 1 : 0;
  return matches;
}

/** Node joins repeated headers with a comma, where a wrong signature could hide beside a right one. */
function hasRepeatedHeader(rawHeaders: readonly string[], schemes: readonly SignatureScheme[]): boolean {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (!schemes.some(({ headers }) => headers.includes(name))) continue;
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}
