import { createSecretKey, randomBytes } from 'node:crypto';
import { readTwilioStatus, twilioEventId } from '@switchboard/domain/messaging/twilio-event-id';
import { type Codec, fullTopicName, type Producer } from '@switchboard/kafka';
import { type Logger, type OnStep, SwitchboardError } from '@switchboard/platform';
import { type Pool, withTenant } from '@switchboard/postgres';
import { messagesBySid } from '@switchboard/postgres/messaging/known-messages';
import { unsettledSends } from '@switchboard/postgres/messaging/sends';
import { settleSend } from '@switchboard/postgres/messaging/settle-sends';
import type { MessageMedia, MessageReceived } from '@switchboard/schemas';
import type { OpenAccount } from './accounts.ts';
import { findMissing, type Missing } from './compare-listed.ts';
import type { ListedMessage } from './look-for-message.ts';
import { messageEvent, statusEvent } from './message-events.ts';
import { numberOf } from './send-message.ts';
import type { ToldLately } from './told-lately.ts';
import { TwilioRefusal } from './twilio-client.ts';

export interface ReconcileOptions {
  pool: Pool;
  producer: Pick<Producer, 'send'>;
  codec: Pick<Codec, 'encode'>;
  /** Of topic names. */
  prefix: string;
  pseudonymKey: Buffer;
  logger: Logger;
  /** Where Twilio's API is, for addresses of media. */
  apiUrl: string;
  now(): number;
  /** Ids of events: what is on its way to Postgres, or the topic will never take, is not told again. */
  told: ToldLately;
  onStep?: OnStep<'listing-sent' | 'listing-filled'>;
}

/** How many of each were left out by webhooks, and how many the topic will never take. */
export type Filled = Record<Missing['kind'] | 'refused', number>;

/** Nothing was left out. */
export const noneFilled: Readonly<Filled> = { message: 0, status: 0, send: 0, refused: 0 };

/** What of Twilio's list is compared. */
export interface ListedPeriod {
  from: Date;
  until: Date;
  /** Since when the clinic has its numbers; one that is not there was always its. */
  numbersSince: ReadonlyMap<string, Date>;
}

/** Longest page that Twilio gives. */
const pageSize = 1_000;
const atATime = 50;

/**
 * Compares Twilio's messages of a period with ours, and sends what its webhooks left out as the events that they would have
 * made, with the same ids: what comes a second time counts once. When the signal comes it ends before the next page, or part of one.
 */
export async function fillPeriod(
  options: ReconcileOptions,
  tenantId: string,
  account: OpenAccount,
  period: ListedPeriod,
  signal: AbortSignal,
): Promise<Filled> {
  const filled = { ...noneFilled };
  const dates = { dateSentAfter: period.from, pageSize };
  for (let page = await account.messages.page(dates); ; ) {
    const listed = page.instances.filter((message) => isIn(message, account, period));
    // Oldest first, and many at a time: after an outage there are thousands.
    const missing = (await missingOf(options, tenantId, listed, period.from)).toReversed();
    for (let from = 0; from < missing.length && !signal.aborted; from += atATime) {
      const some = missing.slice(from, from + atATime);
      const kinds = await Promise.all(some.map((one) => fillOrRefuse(options, tenantId, account, one)));
      for (const kind of kinds) filled[kind] += 1;
    }
    if (!page.nextPageUrl || signal.aborted) return filled;
    page = await account.messages.getPage(page.nextPageUrl);
  }
}

/** Whether one of the newest messages of a period is neither known nor told: a webhook was lost, and others may be. */
export async function hasGap(
  options: ReconcileOptions,
  tenantId: string,
  account: OpenAccount,
  period: ListedPeriod,
): Promise<boolean> {
  const { instances } = await account.messages.page({ dateSentAfter: period.from, pageSize: 50 });
  const listed = instances.filter((message) => isIn(message, account, period));
  const missing = await missingOf(options, tenantId, listed, period.from);
  return missing.some(({ kind }) => kind !== 'status');
}

/** Ends sends that were given up, and of which a callback has told meanwhile that Twilio took them. */
export async function settleTold(
  { pool, pseudonymKey }: ReconcileOptions,
  tenantId: string,
  since: Date,
): Promise<void> {
  const unsettled = await withTenant(pool, tenantId, (client) => unsettledSends(client, tenantId, since));
  for (const send of unsettled) {
    const { sid } = send;
    if (sid === null) continue;
    await withTenant(pool, tenantId, (client) =>
      settleSend(client, pseudonymKey, send, { state: 'sent', sid, status: null, errorCode: null }),
    );
  }
}

/**
 * An account may have other numbers, of voice or of another system; those are nobody's conversation here. What is older than the
 * clinic's having the number is of whoever had it before.
 */
function isIn(
  { direction, to, from, dateCreated }: ListedMessage,
  { numbers }: OpenAccount,
  { until, numbersSince }: ListedPeriod,
): boolean {
  const own = numberOf(direction === 'inbound' ? to : from);
  const since = numbersSince.get(own);
  return numbers.includes(own) && dateCreated <= until && (since === undefined || dateCreated >= since);
}

function missingOf(
  { pool, told }: ReconcileOptions,
  tenantId: string,
  listed: readonly ListedMessage[],
  since: Date,
): Promise<Missing[]> {
  return withTenant(pool, tenantId, async (client) => {
    const sids = listed.map(({ sid }) => sid);
    const known = await messagesBySid(client, tenantId, sids);
    const missing = findMissing(listed, known, await unsettledSends(client, tenantId, since));
    return missing.filter((one) => one.kind === 'send' || !told.has(idOf(tenantId, one)));
  });
}

/** Of the event that tells of it. */
function idOf(tenantId: string, { kind, message: { sid, status } }: Missing): string {
  return twilioEventId(tenantId, kind === 'status' ? 'message.status' : 'message.received', sid, status);
}

/** One message that can't become an event keeps back none of the others. */
async function fillOrRefuse(
  options: ReconcileOptions,
  tenantId: string,
  account: OpenAccount,
  missing: Missing,
): Promise<keyof Filled> {
  try {
    await fill(options, tenantId, account, missing);
    await options.onStep?.('listing-sent');
    return missing.kind;
  } catch (error) {
    if (missing.kind === 'send' || !(error instanceof SwitchboardError) || error.retryable) throw error;
    if (error instanceof TwilioRefusal) throw error;
    const { sid } = missing.message;
    options.told.add(idOf(tenantId, missing));
    options.logger.error(
      { tenant_id: tenantId, sid, error },
      'a message that no webhook brought can’t be told',
    );
    return 'refused';
  }
}

async function fill(
  options: ReconcileOptions,
  tenantId: string,
  account: OpenAccount,
  missing: Missing,
): Promise<void> {
  const { message } = missing;
  if (missing.kind === 'send') {
    const status = readTwilioStatus(message.status);
    const errorCode = message.errorCode ? String(message.errorCode) : null;
    await withTenant(options.pool, tenantId, (client) =>
      settleSend(client, options.pseudonymKey, missing.send, {
        state: 'sent',
        sid: message.sid,
        status,
        errorCode,
      }),
    );
    return;
  }
  const made = { tenantId, contactKey: createSecretKey(options.pseudonymKey), receivedAt: options.now() };
  const event =
    missing.kind === 'status'
      ? statusEvent(made, message)
      : messageEvent(made, message, await mediaOf(options, account, message));
  await emit(options, event);
  options.told.add(event.event_id);
}

async function mediaOf(
  { apiUrl }: ReconcileOptions,
  { messages }: OpenAccount,
  { sid, numMedia }: ListedMessage,
): Promise<MessageMedia[]> {
  if (Number(numMedia) === 0) return [];
  const listed = await messages(sid).media.list();
  return listed.map(({ uri, contentType }, index) => ({
    index,
    url: new URL(uri.replace(/\.json$/, ''), apiUrl).href,
    content_type: contentType,
    file_name: null,
    size_bytes: null,
  }));
}

async function emit({ producer, codec, prefix }: ReconcileOptions, event: MessageReceived): Promise<void> {
  const topic = 'message.received.v1';
  const headers = {
    'event-id': event.event_id,
    'tenant-id': event.tenant_id,
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    'received-at': new Date(event.received_at).toISOString(),
  };
  const value = await codec.encode(topic, event);
  const key = `${event.tenant_id}:${event.contact_key}`;
  await producer.send({ topic: fullTopicName(prefix, topic), key, value, headers });
}
