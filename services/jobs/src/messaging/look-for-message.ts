import { readTwilioStatus } from '@switchboard/domain/messaging/twilio-event-id';
import { withTenant } from '@switchboard/postgres';
import { messagesBySid } from '@switchboard/postgres/messaging/known-messages';
import { postponeSend, type UnclearSend } from '@switchboard/postgres/messaging/sends';
import { givenUpAfterMs } from './schedule.ts';
import { addressOf, type SendOptions, type SendResult, settleOne } from './send-message.ts';
import type { TwilioMessages } from './twilio-client.ts';

/** A message as Twilio lists it. */
export type ListedMessage = Awaited<ReturnType<TwilioMessages['list']>>[number];

/** Between our clock and Twilio's, which tells whole seconds. */
const clocksApartMs = 60_000;
/** Of messages to one number since one was sent; more than these are looked through the next time. */
const listedAtMost = 200;

/**
 * Looks among Twilio's messages for one of which nobody knows whether it was taken. Found: it is sent. Not found three
 * times: it is shown as unknown, for a person to decide; the reconciler and a late callback may still tell.
 */
export async function lookForMessage(
  options: SendOptions,
  twilio: TwilioMessages | undefined,
  send: UnclearSend,
): Promise<SendResult> {
  if (send.sid !== null)
    return settleOne(options, send, { state: 'sent', sid: send.sid, status: null, errorCode: null });
  let listed: ListedMessage[];
  try {
    if (twilio === undefined) return await lookLater(options, send, 'twilio_not_configured', false);
    listed = await listSince(twilio, addressOf(send.channel, send.to ?? ''), send.askedAt);
  } catch {
    return await lookLater(options, send, 'no_answer', false);
  }
  const sids = listed.map(({ sid }) => sid);
  const known = await withTenant(options.pool, send.tenantId, (client) =>
    messagesBySid(client, send.tenantId, sids),
  );
  const found = listed.find((message) => isSame(message, send) && !known.has(message.sid));
  if (!found) return await lookLater(options, send, 'not_found', true);
  return settleOne(options, send, {
    state: 'sent',
    sid: found.sid,
    status: readTwilioStatus(found.status),
    errorCode: found.errorCode ? String(found.errorCode) : null,
  });
}

/** Whether a listed message may be the one that was sent: by direction, address, time, and text where it is ours. */
export function isSame(
  listed: Pick<ListedMessage, 'direction' | 'to' | 'body' | 'dateCreated'>,
  send: Pick<UnclearSend, 'askedAt' | 'body' | 'template' | 'channel' | 'to'>,
): boolean {
  return (
    listed.direction.startsWith('outbound') &&
    listed.to === addressOf(send.channel, send.to ?? '') &&
    Math.abs(listed.dateCreated.getTime() - send.askedAt.getTime()) <= clocksApartMs &&
    (send.template !== null || (listed.body ?? '').trim() === (send.body ?? '').trim())
  );
}

/** Messages to a number, newest first. By number alone: what waits at Twilio has no date of sending that a filter finds. */
async function listSince(twilio: TwilioMessages, to: string, askedAt: Date): Promise<ListedMessage[]> {
  const since = askedAt.getTime() - clocksApartMs;
  const found: ListedMessage[] = [];
  for (let page = await twilio.page({ to, pageSize: 50 }); ; ) {
    found.push(...page.instances.filter(({ dateCreated }) => dateCreated.getTime() >= since));
    const isOver = page.instances.some(({ dateCreated }) => dateCreated.getTime() < since);
    if (isOver || found.length >= listedAtMost || !page.nextPageUrl) return found;
    page = await twilio.getPage(page.nextPageUrl);
  }
}

async function lookLater(
  options: SendOptions,
  send: UnclearSend,
  errorCode: string,
  hasLooked: boolean,
): Promise<SendResult> {
  const { pauses, now } = options;
  const pauseMs = hasLooked ? pauses.looks[send.lookups] : pauses.unanswered;
  const isTooLate = !hasLooked && now() - send.askedAt.getTime() > givenUpAfterMs;
  if (pauseMs === undefined || isTooLate)
    return settleOne(options, send, { state: 'unknown', errorCode: 'no_answer' });
  await withTenant(options.pool, send.tenantId, (client) =>
    postponeSend(client, send, { state: 'sending', errorCode, pauseMs }),
  );
  return 'unclear';
}
