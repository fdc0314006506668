import type { KeyObject } from 'node:crypto';
import type { DeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import { RequestProblem } from '@switchboard/platform/problem';
import {
  type AcceptClinicEventsOptions,
  createAcceptClinicEvents,
} from '../clinic-events/accept-clinic-events.ts';
import { batchType } from '../clinic-events/content-mode.ts';
import { detailOf, type RejectedBody } from '../events/dead-letters.ts';
import type { EventHeaders, EventSink } from '../events/event-sink.ts';
import type { KeepRejected } from '../events/keep-rejected.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import type { VendorAdapter } from '../vendors/vendor.ts';
import { createAcceptEvent } from '../webhook/accept-event.ts';
import { headersOf } from '../webhook/event-headers.ts';
import { createAcceptMessage } from '../whatsapp/accept-message.ts';
import { sendIdIn } from '../whatsapp/kept-type.ts';
import { readForm, readJsonFields } from '../whatsapp/read-fields.ts';

export interface ReplayBodyOptions {
  sink: EventSink;
  vendors: ReadonlyMap<string, VendorAdapter>;
  readCloudEvent: AcceptClinicEventsOptions['readCloudEvent'];
  pseudonymKey: KeyObject;
  metrics: IngestMetrics;
}

/** An authentic body that once was no event. */
export interface SetAsideBody {
  tenant: Tenant;
  /** A vendor's name, or the way it came. */
  source: string;
  body: Buffer;
  contentType: string;
  /** When it came, Unix milliseconds. */
  receivedAt: number;
}

/** Why it still is none. */
export interface StillRefused {
  reason: DeadLetterReason;
  detail: string | null;
}

/** Takes a body the way its door does, without its proof. @returns null when the broker has its event @throws RequestProblem 503 */
export type ReplayBody = (body: SetAsideBody) => Promise<StillRefused | null>;

export function createReplayBody(options: ReplayBodyOptions): ReplayBody {
  const { sink, vendors, metrics, pseudonymKey } = options;

  return async function replayBody(body) {
    const { tenant, receivedAt } = body;
    const headers = headersOf(tenant, undefined, receivedAt);
    let refused: RejectedBody | undefined;
    // It is a dead letter already.
    const keepRejected: KeepRejected = async (rejected) => {
      refused = rejected;
    };
    try {
      await take(body, headers, keepRejected);
    } catch (error) {
      if (!(error instanceof RequestProblem) || error.problem.status === 503) throw error;
    }
    return refused ? { reason: refused.reason, detail: detailOf(refused.errors) } : null;
  };

  async function take(
    { tenant, source, body, contentType, receivedAt }: SetAsideBody,
    headers: EventHeaders,
    keepRejected: KeepRejected,
  ): Promise<void> {
    if (source === 'events') {
      const accept = createAcceptClinicEvents({ ...options, keepRejected });
      const mode = contentType.startsWith(batchType) ? 'batch' : 'structured';
      const request = { headers: { 'content-type': contentType } };
      await accept({ tenant, mode, request, body, receivedAt, counted: () => undefined });
    } else if (source === 'twilio') {
      const accept = createAcceptMessage({ sink, keepRejected, pseudonymKey, metrics });
      const fields = contentType.startsWith('application/json') ? readJsonFields(body) : readForm(body);
      await accept({ tenant, body, contentType, fields, sendId: sendIdIn(contentType), receivedAt, headers });
    } else {
      const vendorNames = [...vendors.keys()];
      const accept = createAcceptEvent({ sink, keepRejected, vendorNames, metrics });
      const vendor = vendors.get(source);
      await accept({ tenant, vendorName: source, vendor, body, contentType, receivedAt, headers });
    }
  }
}
