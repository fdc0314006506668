import type { RequestProblem } from '@switchboard/platform/problem';
import type { Held } from '../admission/in-flight.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import { checkClaims, type RefusalReason, readClaims } from '../signatures/check-signatures.ts';
import type { TenantDirectory } from '../tenants/tenant-directory.ts';
import { defaultVendor } from '../vendors/index.ts';
import type { VendorAdapter } from '../vendors/vendor.ts';
import { headersOf } from './event-headers.ts';
import { takeBody } from './take-body.ts';
import type { AuthenticWebhook, VoiceWebhook } from './voice-webhook.ts';
import { refused } from './webhook-problems.ts';

export interface AuthenticateSenderOptions {
  tenants: TenantDirectory;
  vendors: ReadonlyMap<string, VendorAdapter>;
  maxBodyBytes: number;
  metrics: IngestMetrics;
  now(): number;
}

/** @throws RequestProblem 400, 401, 413, 503 */
export type AuthenticateSender = (webhook: VoiceWebhook, held: Held) => Promise<AuthenticWebhook>;

/** Reads the body and proves who sent it: the tenant of the path, never one that the body names. */
export function createAuthenticateSender(options: AuthenticateSenderOptions): AuthenticateSender {
  const { tenants, vendors, metrics, now } = options;

  const refuse = (reason: RefusalReason): RequestProblem => {
    metrics.refusals.inc({ reason });
    return refused(reason);
  };

  return async function authenticateSender({ request, tenantName, vendorName }, held) {
    const vendor = vendors.get(vendorName);
    const schemes = (vendor ?? vendors.get(defaultVendor))?.schemes ?? [];
    const claims = readClaims(request, schemes, Math.floor(now() / 1000));
    if (typeof claims === 'string') throw refuse(claims);

    const body = await takeBody(request, held, options);

    const tenant = tenants.find(tenantName);
    const reason = checkClaims(claims, tenant, tenants.secretSlots(), body);
    if (reason || !tenant) throw refuse(reason ?? 'unknown_tenant');

    const receivedAt = now();
    return {
      tenant,
      vendorName,
      vendor,
      body,
      contentType: request.headers['content-type'] ?? 'application/json',
      receivedAt,
      headers: headersOf(tenant, request.headers.traceparent, receivedAt),
    };
  };
}
