import type { EndpointRow, StoredDelivery } from '@switchboard/postgres/webhooks/endpoints';
import type { z } from 'zod';
import type { deliveryList, endpoint } from './endpoint-schema.ts';

type Endpoint = z.infer<typeof endpoint>;
type Delivery = z.infer<typeof deliveryList>['deliveries'][number];

export function presentEndpoint(row: EndpointRow): Endpoint {
  return {
    ...row,
    state: row.paused_at === null ? 'active' : 'paused',
    paused_at: instant(row.paused_at),
    failing_since: instant(row.failing_since),
    not_before: instant(row.not_before),
    previous_secret_until: instant(row.previous_secret_until),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

export function presentDelivery(row: StoredDelivery): Delivery {
  return {
    ...row,
    next_attempt_at: row.state === 'pending' ? row.next_attempt_at.toISOString() : null,
    delivered_at: instant(row.delivered_at),
    created_at: row.created_at.toISOString(),
  };
}

function instant(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
