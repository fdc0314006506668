import { readTwilioStatus } from '@switchboard/domain/messaging/twilio-event-id';
import type { OnStep } from '@switchboard/platform';
import { type Pool, withTenant } from '@switchboard/postgres';
import { beginAttempt, type ClaimedSend, postponeSend } from '@switchboard/postgres/messaging/sends';
import { type SendOutcome, settleSend } from '@switchboard/postgres/messaging/settle-sends';
import type { OpenAccount } from './accounts.ts';
import { nextAttemptMs, type SendPauses, startWatch, stoodStillMs } from './schedule.ts';
import { judgeFault, type SendFault } from './send-faults.ts';
import type { TwilioMessages } from './twilio-client.ts';

export interface SendOptions {
  pool: Pool;
  pseudonymKey: Buffer;
  pauses: SendPauses;
  /** How long after it was asked Twilio's list counts for a message that it does not show, ms; 0: it never does. */
  settledMs: number;
  /** Where Twilio tells how far a message got. */
  callbackUrl(tenantId: string, messageId: string): string | undefined;
  /** Where Twilio fetches a file of a message; undefined: it can't reach us. */
  mediaUrl(tenantId: string, messageId: string, position: number): string | undefined;
  now(): number;
  /** Told before it is marked as asked, before Twilio is asked, between its answer and what is written of it, and after that. */
  onStep?: OnStep<'message-claimed' | 'message-marked' | 'message-asked' | 'message-settled'>;
}

/** How an attempt, or a look for one, ended: for the metrics. */
export const sendResults = ['sent', 'failed', 'retried', 'unclear', 'unknown', 'superseded'] as const;

export type SendResult = (typeof sendResults)[number];

/**
 * Asks Twilio once to send what was claimed, and writes down how it ended. Who dies after the mark leaves it as `sending`:
 * it is looked for. Who dies before it, or stood still until the claim ran out, has not asked. Who stood still after it does not
 * ask either: others may have looked for it meanwhile, and sent it again.
 * @param account undefined: the clinic has none
 */
export async function sendMessage(
  options: SendOptions,
  account: OpenAccount | undefined,
  send: ClaimedSend,
): Promise<SendResult> {
  const settle = (outcome: SendOutcome) => settleOne(options, send, outcome);
  const media = mediaOf(options, send);
  const reason = whyNot(account, send, media);
  if (reason !== undefined || account === undefined)
    return settle({ state: 'failed', errorCode: reason ?? 'twilio_not_configured' });
  await options.onStep?.('message-claimed');
  const sinceMark = await withTenant(options.pool, send.tenantId, async (client) => {
    const passed = startWatch(options.now);
    return (await beginAttempt(client, send, account.accountSid)) ? passed : undefined;
  });
  if (!sinceMark) return 'superseded';
  await options.onStep?.('message-marked');
  if (sinceMark() > stoodStillMs)
    return await endFaulty(options, send, {
      kind: 'passing',
      code: 'stood_still',
      retryAfterMs: undefined,
    });
  const asked = await ask(account.messages, requestOf(options, send, media), options.now);
  if ('kind' in asked) return await endFaulty(options, send, asked);
  await options.onStep?.('message-asked');
  // Should this fail, the send stays as it was asked, and is looked for: Twilio has it.
  return await settle({ state: 'sent', ...asked });
}

/** @returns what Twilio says it has, or why that is not known or not so */
async function ask(
  twilio: TwilioMessages,
  request: Parameters<TwilioMessages['create']>[0],
  now: () => number,
): Promise<Omit<Extract<SendOutcome, { state: 'sent' }>, 'state'> | SendFault> {
  try {
    const { sid, status, errorCode } = await twilio.create(request);
    if (!sid) return { kind: 'unclear', code: 'no_answer' };
    return { sid, status: readTwilioStatus(status), errorCode: errorCode ? String(errorCode) : null };
  } catch (error) {
    return judgeFault(error, now());
  }
}

/** Ends a send under the clinic's lock, unless somebody else has. */
export async function settleOne(
  { pool, pseudonymKey, onStep }: SendOptions,
  send: Pick<ClaimedSend, 'tenantId' | 'messageId' | 'attempt'>,
  outcome: SendOutcome,
): Promise<SendResult> {
  const isOurs = await withTenant(pool, send.tenantId, (client) =>
    settleSend(client, pseudonymKey, send, outcome),
  );
  await onStep?.('message-settled');
  return isOurs ? outcome.state : 'superseded';
}

/** Addresses of all its files. */
function mediaOf({ mediaUrl }: SendOptions, { tenantId, messageId, files }: ClaimedSend): string[] {
  return Array.from({ length: files }, (_, position) => mediaUrl(tenantId, messageId, position) ?? []).flat();
}

function whyNot(
  account: OpenAccount | undefined,
  send: ClaimedSend,
  media: readonly string[],
): string | undefined {
  if (send.optedOut) return 'opted_out';
  if (account === undefined) return 'twilio_not_configured';
  if (send.to === null) return 'no_address';
  // What a release of before took to be sent by SMS: it would leave from a number of WhatsApp.
  if (send.channel !== 'whatsapp') return 'whatsapp_only';
  if (media.length < send.files) return 'files_not_reachable';
  return send.template === null && !send.body && send.files === 0 ? 'empty' : undefined;
}

function requestOf({ callbackUrl }: SendOptions, send: ClaimedSend, media: string[]) {
  const content =
    send.template === null
      ? { ...((send.body || media.length === 0) && { body: send.body ?? '' }) }
      : { contentSid: send.template, contentVariables: JSON.stringify(send.templateVariables) };
  return {
    to: addressOf(send.channel, send.to ?? ''),
    from: addressOf(send.channel, send.from),
    ...content,
    ...(media.length > 0 && { mediaUrl: media }),
    statusCallback: callbackUrl(send.tenantId, send.messageId),
  };
}

/** A number as Twilio writes it for a channel. */
export function addressOf(channel: string, number: string): string {
  return channel === 'whatsapp' ? `whatsapp:${number}` : number;
}

/** The number of an address, as {@link addressOf} makes one; empty where there is none. */
export function numberOf(address: string | null | undefined): string {
  return (address ?? '').replace(/^whatsapp:/, '');
}

async function endFaulty(options: SendOptions, send: ClaimedSend, fault: SendFault): Promise<SendResult> {
  const errorCode = fault.code;
  const postpone = async (state: 'queued' | 'sending', pauseMs: number) => {
    await withTenant(options.pool, send.tenantId, (client) =>
      postponeSend(client, send, { state, errorCode, pauseMs }),
    );
  };
  if (fault.kind === 'unclear') {
    await postpone('sending', options.pauses.looks[0] ?? 0);
    return 'unclear';
  }
  const pauseMs =
    fault.kind === 'passing' ? nextAttemptMs(options.pauses, send.attempt, fault.retryAfterMs) : undefined;
  if (pauseMs === undefined) return settleOne(options, send, { state: 'failed', errorCode });
  await postpone('queued', pauseMs);
  return 'retried';
}
