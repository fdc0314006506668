import type { IncomingMessage } from 'node:http';
import { RequestProblem } from '@switchboard/platform/problem';
import type { QuotaState } from '@switchboard/platform/quota';
import type { Held, InFlight } from '../admission/in-flight.ts';
import type { RateLimit } from '../admission/rate-limit.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import { bodyTooLarge, comeAgain, tooMany } from './webhook-problems.ts';

export interface AdmissionOptions {
  /** Attempts of one address that proved nothing. */
  addressLimit: RateLimit;
  /** Counts one event of a tenant. */
  takeQuota(tenant: Tenant): Promise<QuotaState>;
  /** Counts so many that are let in already. */
  chargeQuota(tenant: Tenant, events: number): Promise<void>;
  inFlight: InFlight;
  maxBodyBytes: number;
  /** Whether a body of this kind is taken. @throws RequestProblem 415 */
  checkMedia(request: IncomingMessage): void;
  isLoaded(): boolean;
  metrics: IngestMetrics;
}

export interface Admission {
  /** By headers alone. @throws RequestProblem 413, 415, 429, 503 */
  admitRequest(request: IncomingMessage, address: string): Held;
  /** An attempt that we could not judge is none against its address: our own bad minute must not lock a vendor out. */
  forgive(address: string): void;
  /** After the proof: the attempt no longer counts against the address, but against the tenant. @throws RequestProblem 403, 429 */
  admitTenant(tenant: Tenant, address: string): Promise<void>;
  /** What was admitted turned out to be so many events more than one. */
  countMore(tenant: Tenant, events: number): void;
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { addressLimit, metrics, maxBodyBytes } = options;

  const refuseExceeded = (state: QuotaState, by: string) => {
    if (state.allowed) return;
    metrics.limited.inc({ by });
    throw tooMany(state);
  };

  return {
    admitRequest(request, address) {
      refuseExceeded(addressLimit.take(address), 'address');
      options.checkMedia(request);
      const declared = Number(request.headers['content-length'] ?? 0);
      if (declared > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
      if (!options.isLoaded()) throw comeAgain('starting', 'Tenants are not loaded yet.');
      const held = options.inFlight.enter(declared);
      if (held) return held;
      metrics.limited.inc({ by: 'in_flight' });
      throw comeAgain('overloaded', 'Too much is being taken in at this moment.');
    },
    forgive: addressLimit.giveBack,
    async admitTenant(tenant, address) {
      addressLimit.giveBack(address);
      if (!tenant.active) throw new RequestProblem(403, 'tenant_suspended', 'This clinic is suspended.');
      refuseExceeded(await options.takeQuota(tenant), 'tenant');
    },
    countMore(tenant, events) {
      // Nobody waits for it, and it does not fail: what can't be counted together is counted here.
      void options.chargeQuota(tenant, events);
    },
  };
}
