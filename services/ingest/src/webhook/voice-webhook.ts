import type { IncomingMessage } from 'node:http';
import type { EventHeaders } from '../events/event-sink.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import type { VendorAdapter } from '../vendors/vendor.ts';

/** A webhook as it arrives. */
export interface VoiceWebhook {
  request: IncomingMessage;
  /** The caller's, as trusted proxies tell it. */
  address: string;
  /** UUID or slug of the path. */
  tenantName: string | undefined;
  vendorName: string;
}

/** A webhook whose sender is known. */
export interface AuthenticWebhook {
  tenant: Tenant;
  vendorName: string;
  /** Undefined: authentic, but of no vendor that we know. */
  vendor: VendorAdapter | undefined;
  /** As received. */
  body: Buffer;
  contentType: string;
  /** Unix milliseconds. */
  receivedAt: number;
  /** Of the messages that it becomes. */
  headers: EventHeaders;
}
