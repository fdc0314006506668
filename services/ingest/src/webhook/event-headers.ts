import type { IncomingMessage } from 'node:http';
import type { EventHeaders } from '../events/event-sink.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import { takeTraceparent } from './traceparent.ts';

/** Headers of the messages that a webhook becomes. */
export function headersOf(
  request: Pick<IncomingMessage, 'headers'>,
  tenant: Pick<Tenant, 'id'>,
  receivedAt: number,
): EventHeaders {
  return {
    'tenant-id': tenant.id,
    traceparent: takeTraceparent(request.headers.traceparent),
    'received-at': new Date(receivedAt).toISOString(),
  };
}
