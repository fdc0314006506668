import { readTwilioStatus } from '@switchboard/domain/messaging/twilio-event-id';
import { withTenant } from '@switchboard/postgres';
import { messagesBySid } from '@switchboard/postgres/messaging/known-messages';
import { postponeSend, type UnclearSend } from '@switchboard/postgres/messaging/sends';
import type { OpenAccount } from './accounts.ts';
import { givenUpAfterMs, nextAttemptMs } from './schedule.ts';
import { addressOf, numberOf, type SendOptions, type SendResult, settleOne } from './send-message.ts';
import type { TwilioMessages } from './twilio-client.ts';

/** A message as Twilio lists it. */
export type ListedMessage = Awaited<ReturnType<TwilioMessages['list']>>[number];

type AskedSend = UnclearSend & { askedAt: Date };

/** What Twilio's list says of a number since a message was sent to it. */
interface Listed {
  messages: ListedMessage[];
  /** It shows all that there is. */
  isWhole: boolean;
  /** It shows what came about long after, so that it leaves nothing out that is older. */
  isSettled: boolean;
}

/** Between our clock and Twilio's, which tells whole seconds: what is further apart is not taken for the message that was sent. */
const clocksApartMs = 60_000;
/** Our clock may be ahead by more than that: what is older by up to this may be the message, so that it is not sent again. */
const wrongClockMs = 900_000;
/** Of messages to one number since one was sent; more than these are looked through the next time. */
const listedAtMost = 200;

/**
 * Looks among Twilio's messages for one of which nobody knows whether it was taken. Found: it is sent. What certainly was not
 * taken is sent again: nobody had asked, or the list of the very account that was asked shows later messages and is silent of it.
 * What can't be told is shown as unknown, for a person to decide; the reconciler and a late callback may still tell.
 */
export async function lookForMessage(
  options: SendOptions,
  account: OpenAccount | undefined,
  send: UnclearSend,
): Promise<SendResult> {
  const { sid, askedAt } = send;
  if (sid !== null) return settleOne(options, send, { state: 'sent', sid, status: null, errorCode: null });
  if (askedAt === null) return await sendAgain(options, send, 0);
  const asked = { ...send, askedAt };
  let listed: Listed;
  try {
    if (account === undefined) return await lookLater(options, asked, 'twilio_not_configured', false);
    listed = await listSince(options, account.messages, asked);
  } catch {
    return await lookLater(options, asked, 'no_answer', false);
  }
  const sids = listed.messages.map((message) => message.sid);
  const known = await withTenant(options.pool, send.tenantId, (client) =>
    messagesBySid(client, send.tenantId, sids),
  );
  // What the reconciler has brought as somebody's may be this one, too.
  const others = listed.messages.filter((message) => isOut(message) && !known.get(message.sid)?.isOurs);
  const { numbers } = account;
  // The account's list may show another clinic's messages to the same patient, in the same words.
  const found = others.find((message) => numbers.includes(numberOf(message.from)) && isSame(message, send));
  if (found)
    return settleOne(options, send, {
      state: 'sent',
      sid: found.sid,
      status: readTwilioStatus(found.status),
      errorCode: found.errorCode ? String(found.errorCode) : null,
    });
  // One that was not sent from here may be this one in other words.
  const wasNotTaken =
    send.askedAccount === account.accountSid && listed.isSettled && listed.isWhole && others.length === 0;
  if (!wasNotTaken) return await lookLater(options, asked, 'not_found', true);
  return await sendAgain(options, send, nextAttemptMs(options.pauses, send.attempt, undefined));
}

/**
 * Whether a listed message may be the one that was sent: by direction, address, time, and text. A template's words are
 * Twilio's: what was put into it is among them, where the list shows any.
 */
export function isSame(
  listed: Pick<ListedMessage, 'direction' | 'to' | 'body' | 'dateCreated'>,
  send: Pick<UnclearSend, 'askedAt' | 'body' | 'template' | 'templateVariables' | 'channel' | 'to'>,
): boolean {
  return (
    isOut(listed) &&
    listed.to === addressOf(send.channel, send.to ?? '') &&
    send.askedAt !== null &&
    Math.abs(listed.dateCreated.getTime() - send.askedAt.getTime()) <= clocksApartMs &&
    saysTheSame((listed.body ?? '').trim(), send)
  );
}

function saysTheSame(
  listed: string,
  { body, template, templateVariables }: Pick<UnclearSend, 'body' | 'template' | 'templateVariables'>,
): boolean {
  if (template === null) return listed === (body ?? '').trim();
  return listed === '' || Object.values(templateVariables).every((value) => listed.includes(value.trim()));
}

function isOut({ direction }: Pick<ListedMessage, 'direction'>): boolean {
  return direction.startsWith('outbound');
}

/** Messages to a number, newest first. By number alone: what waits at Twilio has no date of sending that a filter finds. */
async function listSince(options: SendOptions, twilio: TwilioMessages, send: AskedSend): Promise<Listed> {
  // Asked before the list is: what it shows then was there.
  const isSettled = await showsLater(options, twilio, send.askedAt);
  const since = send.askedAt.getTime() - wrongClockMs;
  const messages: ListedMessage[] = [];
  for (let page = await twilio.page({ to: addressOf(send.channel, send.to ?? ''), pageSize: 50 }); ; ) {
    messages.push(...page.instances.filter(({ dateCreated }) => dateCreated.getTime() >= since));
    const isWhole =
      !page.nextPageUrl || page.instances.some(({ dateCreated }) => dateCreated.getTime() < since);
    if (isWhole || messages.length >= listedAtMost) return { messages, isWhole, isSettled };
    page = await twilio.getPage(page.nextPageUrl ?? '');
  }
}

/** Whether enough time is over since a message was sent, and the account's list shows one of the later half of it. */
async function showsLater(
  { settledMs, now }: SendOptions,
  twilio: TwilioMessages,
  askedAt: Date,
): Promise<boolean> {
  if (settledMs === 0 || now() < askedAt.getTime() + settledMs) return false;
  const dateSentAfter = new Date(askedAt.getTime() + settledMs / 2);
  const { instances } = await twilio.page({ dateSentAfter, pageSize: 1 });
  return instances.length > 0;
}

/** @param pauseMs undefined: it was tried often enough */
async function sendAgain(
  options: SendOptions,
  send: UnclearSend,
  pauseMs: number | undefined,
): Promise<SendResult> {
  const errorCode = 'not_taken';
  if (pauseMs === undefined) return settleOne(options, send, { state: 'failed', errorCode });
  await withTenant(options.pool, send.tenantId, (client) =>
    postponeSend(client, send, { state: 'queued', errorCode, pauseMs }),
  );
  return 'retried';
}

async function lookLater(
  options: SendOptions,
  send: AskedSend,
  errorCode: string,
  hasLooked: boolean,
): Promise<SendResult> {
  const { pauses, settledMs, now } = options;
  const wantsMore = !hasLooked || settledMs > 0;
  const pauseMs = (hasLooked ? pauses.looks[send.lookups] : undefined) ?? pauses.unanswered;
  const isOver = wantsMore
    ? now() - send.askedAt.getTime() > givenUpAfterMs + settledMs
    : pauses.looks[send.lookups] === undefined;
  if (isOver) return settleOne(options, send, { state: 'unknown', errorCode: 'no_answer' });
  await withTenant(options.pool, send.tenantId, (client) =>
    postponeSend(client, send, { state: 'sending', errorCode, pauseMs }),
  );
  return 'unclear';
}
