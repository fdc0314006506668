import type { Client } from '../pool.ts';
import type { TenantSettings } from '../tenants.ts';

/** Ids of records whose rows a transaction changed. */
export interface Touched {
  patients?: Iterable<string>;
  calls?: Iterable<string>;
  conversations?: Iterable<string>;
  messages?: Iterable<string>;
  appointments?: Iterable<string>;
  journeys?: Iterable<string>;
  practitioners?: Iterable<string>;
}

export interface StateContext {
  tenant: TenantSettings;
  pseudonymKey: Buffer;
  cause: { eventId: string; traceparent: string | null };
  causeOf?: (entityId: string) => { eventId: string; traceparent: string | null } | undefined;
}

export async function stateTouched(
  _client: Client,
  _context: StateContext,
  _touched: Touched,
): Promise<number> {
  return 0;
}
