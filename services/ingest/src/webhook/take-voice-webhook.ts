import { RequestProblem } from '@switchboard/platform/problem';
import type { Held } from '../admission/in-flight.ts';
import { addressKey } from '../admission/rate-limit.ts';
import type { AcceptEvent } from './accept-event.ts';
import type { Admission } from './admit-request.ts';
import type { AuthenticateSender } from './authenticate-sender.ts';
import type { AuthenticWebhook, VoiceWebhook } from './voice-webhook.ts';

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
    const { held, authentic } = await prove(webhook, address);
    try {
      // From here on the tenant's quota counts: nobody can use it up from outside.
      admission.admitTenant(authentic.tenant, address);
      // An answer, good or bad, is given only when the broker has what was sent.
      return await acceptEvent(authentic);
    } finally {
      held.release();
    }
  };

  async function prove(
    webhook: VoiceWebhook,
    address: string,
  ): Promise<{ held: Held; authentic: AuthenticWebhook }> {
    let held: Held | undefined;
    try {
      // What costs nothing stands first: a flood is turned away by its headers.
      held = admission.admitRequest(webhook.request, address);
      // Nothing is parsed before its sender is known.
      return { held, authentic: await authenticateSender(webhook, held) };
    } catch (error) {
      held?.release();
      if (error instanceof RequestProblem && error.problem.status === 503) admission.forgive(address);
      throw error;
    }
  }
}
