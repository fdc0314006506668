import { RequestProblem } from '@switchboard/platform/problem';
import type { Held } from '../admission/in-flight.ts';
import { readBody } from '../body/read-body.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import { checkClaims, type RefusalReason, readClaims } from '../signatures/check-signatures.ts';
import type { TenantDirectory } from '../tenants/tenant-directory.ts';
import { defaultVendor } from '../vendors/index.ts';
import type { VendorAdapter } from '../vendors/vendor.ts';
import { takeTraceparent } from './traceparent.ts';
import type { AuthenticWebhook, VoiceWebhook } from './voice-webhook.ts';
import { bodyTooLarge, comeAgain, refused } from './webhook-problems.ts';

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
  const { tenants, vendors, maxBodyBytes, metrics, now } = options;

  const refuse = (reason: RefusalReason): RequestProblem => {
    metrics.refusals.inc({ reason });
    return refused(reason);
  };

  return async function authenticateSender({ request, tenantName, vendorName }, held) {
    const vendor = vendors.get(vendorName);
    const schemes = (vendor ?? vendors.get(defaultVendor))?.schemes ?? [];
    const claims = readClaims(request, schemes, Math.floor(now() / 1000));
    if (typeof claims === 'string') throw refuse(claims);

    const read = await readBody(request, { limit: maxBodyBytes, held });
    if (!read.ok && read.reason === 'too_large') throw bodyTooLarge(maxBodyBytes);
    if (!read.ok && read.reason === 'no_room') {
      metrics.limited.inc({ by: 'in_flight' });
      throw comeAgain('overloaded', 'Too much is being taken in at this moment.');
    }
    if (!read.ok) throw new RequestProblem(400, 'body_incomplete', 'The body ended before its length.');

    const tenant = tenants.find(tenantName);
    const reason = checkClaims(claims, tenant, tenants.secretSlots(), read.body);
    if (reason || !tenant) throw refuse(reason ?? 'unknown_tenant');

    const receivedAt = now();
    return {
      tenant,
      vendorName,
      vendor,
      body: read.body,
      contentType: request.headers['content-type'] ?? 'application/json',
      receivedAt,
      headers: {
        'tenant-id': tenant.id,
        traceparent: takeTraceparent(request.headers.traceparent),
        'received-at': new Date(receivedAt).toISOString(),
      },
    };
  };
}
