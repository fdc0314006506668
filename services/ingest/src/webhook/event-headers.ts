import type { EventHeaders } from '../events/event-sink.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import { takeTraceparent } from './traceparent.ts';

/** Headers of the messages that what was sent becomes. @param traceparent the sender's, if any */
export function headersOf(
  tenant: Pick<Tenant, 'id'>,
  traceparent: string | string[] | undefined,
  receivedAt: number,
): EventHeaders {
  return {
    'tenant-id': tenant.id,
    traceparent: takeTraceparent(traceparent),
    'received-at': new Date(receivedAt).toISOString(),
  };
}
