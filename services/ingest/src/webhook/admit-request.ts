import type { IncomingMessage } from 'node:http';
import { RequestProblem } from '@switchboard/platform/problem';
import type { Held, InFlight } from '../admission/in-flight.ts';
import type { RateLimit } from '../admission/rate-limit.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import { bodyTooLarge, comeAgain, tooMany } from './webhook-problems.ts';

export interface AdmissionOptions {
  /** Attempts of one address that proved nothing. */
  addressLimit: RateLimit;
  /** Events of one tenant. */
  tenantLimit: RateLimit;
  inFlight: InFlight;
  maxBodyBytes: number;
  isLoaded(): boolean;
  metrics: IngestMetrics;
}

export interface Admission {
  /** By headers alone. @throws RequestProblem 413, 415, 429, 503 */
  admitRequest(request: IncomingMessage, address: string): Held;
  /** An attempt that we could not judge is none against its address: our own bad minute must not lock a vendor out. */
  forgive(address: string): void;
  /** After the proof: the attempt no longer counts against the address, but against the tenant. @throws RequestProblem 403, 429 */
  admitTenant(tenant: Tenant, address: string): void;
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { addressLimit, tenantLimit, metrics, maxBodyBytes } = options;

  const take = (limit: RateLimit, key: string, by: string) => {
    const state = limit.take(key);
    if (state.allowed) return;
    metrics.limited.inc({ by });
    throw tooMany(state);
  };

  return {
    admitRequest(request, address) {
      take(addressLimit, address, 'address');
      checkMedia(request);
      const declared = Number(request.headers['content-length'] ?? 0);
      if (declared > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
      if (!options.isLoaded()) throw comeAgain('starting', 'Tenants are not loaded yet.');
      const held = options.inFlight.enter(declared);
      if (held) return held;
      metrics.limited.inc({ by: 'in_flight' });
      throw comeAgain('overloaded', 'Too much is being taken in at this moment.');
    },
    forgive: addressLimit.giveBack,
    admitTenant(tenant, address) {
      addressLimit.giveBack(address);
      if (!tenant.active) throw new RequestProblem(403, 'tenant_suspended', 'This clinic is suspended.');
      take(tenantLimit, tenant.id, 'tenant');
    },
  };
}

/** JSON in UTF-8, as it is: a signature is over the bytes sent, so no encoding is undone. */
function checkMedia(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') {
    throw new RequestProblem(415, 'unsupported_encoding', 'Send the body without Content-Encoding.', {
      headers: { 'accept-encoding': 'identity' },
    });
  }
  const [type, ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]+)/.exec(one)?.[1]).find(Boolean);
  if (type?.trim() !== 'application/json' || (charset !== undefined && !/^utf-?8$/.test(charset))) {
    throw new RequestProblem(415, 'unsupported_media_type', 'Send application/json in UTF-8.', {
      headers: { 'accept-post': 'application/json' },
    });
  }
}
