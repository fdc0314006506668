import { addressKey } from '../admission/rate-limit.ts';
import type { AcceptEvent } from './accept-event.ts';
import type { Admission } from './admit-request.ts';
import type { AuthenticateSender } from './authenticate-sender.ts';
import { proveSender } from './prove-sender.ts';
import type { VoiceWebhook } from './voice-webhook.ts';

export interface TakeVoiceWebhookOptions {
  admission: Admission;
  authenticateSender: AuthenticateSender;
  acceptEvent: AcceptEvent;
}

/** @returns the event's id; undefined: it is no event of ours. @throws RequestProblem: the answer when it is not 202 */
export type TakeVoiceWebhook = (webhook: VoiceWebhook) => Promise<string | undefined>;

/** A webhook's way from its headers to the broker's answer. */
export function createTakeVoiceWebhook(options: TakeVoiceWebhookOptions): TakeVoiceWebhook {
  const { admission, authenticateSender, acceptEvent } = options;
  return async function takeVoiceWebhook(webhook) {
    const address = addressKey(webhook.address);
    const { held, authentic } = await proveSender(admission, { request: webhook.request, address }, (taken) =>
      authenticateSender(webhook, taken),
    );
    try {
      // From here on the tenant's quota counts: nobody can use it up from outside.
      await admission.admitTenant(authentic.tenant, address);
      // An answer, good or bad, is given only when the broker has what was sent.
      return await acceptEvent(authentic);
    } finally {
      held.release();
    }
  };
}
