import type { IncomingMessage } from 'node:http';
import { addressKey } from '../admission/rate-limit.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { Admission } from '../webhook/admit-request.ts';
import { proveSender } from '../webhook/prove-sender.ts';
import { takeBody } from '../webhook/take-body.ts';
import type { AcceptClinicEvents, EventResult } from './accept-clinic-events.ts';
import { type AuthenticateKey, scopeMissing } from './authenticate-key.ts';
import { type ContentMode, contentModeOf } from './content-mode.ts';

export interface TakeClinicEventsOptions {
  admission: Admission;
  authenticateKey: AuthenticateKey;
  acceptClinicEvents: AcceptClinicEvents;
  maxBodyBytes: number;
  metrics: IngestMetrics;
  now(): number;
}

export interface TakenEvents {
  mode: ContentMode;
  /** In the order sent; of a batch that holds none, none. */
  results: EventResult[];
}

/** @throws RequestProblem: the answer when no event in particular is meant */
export type TakeClinicEvents = (request: IncomingMessage, address: string) => Promise<TakenEvents>;

/** The way of events from the clinic's own system, from their request's headers to the broker's answer. */
export function createTakeClinicEvents(options: TakeClinicEventsOptions): TakeClinicEvents {
  const { admission, authenticateKey, acceptClinicEvents, now } = options;

  return async function takeClinicEvents(request, remoteAddress) {
    const address = addressKey(remoteAddress);
    // Who they are is told by the headers alone: nobody else's body is read.
    const { held, authentic } = await proveSender(admission, { request, address }, async () =>
      authenticateKey(request.headers),
    );
    const { tenant, allowed } = authentic;
    try {
      await admission.admitTenant(tenant, address);
      if (!allowed) throw scopeMissing();
      const body = await takeBody(request, held, options);
      const mode = contentModeOf(request);
      const results = await acceptClinicEvents({
        tenant,
        mode,
        request,
        body,
        receivedAt: now(),
        counted: (events) => {
          if (events > 1) admission.countMore(tenant, events - 1);
        },
      });
      return { mode, results };
    } finally {
      held.release();
    }
  };
}
