import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RequestProblem } from '@switchboard/platform/problem';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { Tenant, TenantDirectory } from '../tenants/tenant-directory.ts';

/** What a key must be allowed to do. */
const scope = 'events:write';

export interface AuthenticateKeyOptions {
  tenants: Pick<TenantDirectory, 'findKey'>;
  metrics: IngestMetrics;
}

export interface KeyHolder {
  tenant: Tenant;
  /** Whether the key may send events. */
  allowed: boolean;
}

/** Whose key a request shows, in `X-API-Key` or as Bearer. @throws RequestProblem 401 */
export type AuthenticateKey = (headers: IncomingHttpHeaders) => KeyHolder;

export function createAuthenticateKey({ tenants, metrics }: AuthenticateKeyOptions): AuthenticateKey {
  const refuse = (reason: 'key_missing' | 'key_unknown'): RequestProblem => {
    metrics.refusals.inc({ reason });
    return refusals[reason];
  };
  return function authenticateKey(headers) {
    const shown = keyOf(headers);
    if (shown === undefined) throw refuse('key_missing');
    const [, keyId, secret] = /^sb_([a-z0-9]{8,32})_(\S{16,200})$/.exec(shown) ?? [];
    const found = keyId === undefined ? undefined : tenants.findKey(keyId);
    if (!found || secret === undefined) throw refuse('key_unknown');
    const hash = createHash('sha256').update(secret).digest();
    if (!timingSafeEqual(hash, found.key.secretHash)) throw refuse('key_unknown');
    return { tenant: found.tenant, allowed: found.key.scopes.has(scope) };
  };
}

/** 403: a key that is good for other things. */
export function scopeMissing(): RequestProblem {
  return new RequestProblem(403, 'scope_missing', `This key lacks the scope ${scope}.`);
}

function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers['x-api-key'];
  if (header !== undefined) return [header].flat().join(', ');
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}

const challenge = { headers: { 'www-authenticate': 'Bearer' } };
const refusals = {
  key_missing: new RequestProblem(401, 'key_missing', 'Send an API key as X-API-Key or Bearer.', challenge),
  key_unknown: new RequestProblem(401, 'key_unknown', 'This API key is not known, or no longer.', challenge),
};
