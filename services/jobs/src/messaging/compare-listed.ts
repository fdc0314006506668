import { type MessageStatus, readTwilioStatus } from '@switchboard/domain/messaging/twilio-event-id';
import type { KnownMessage } from '@switchboard/postgres/messaging/known-messages';
import type { UnclearSend } from '@switchboard/postgres/messaging/sends';
import { isSame, type ListedMessage } from './look-for-message.ts';

/** What of a listed message is compared. */
export type Comparable = Pick<ListedMessage, 'sid' | 'direction' | 'to' | 'body' | 'dateCreated'> & {
  status: string;
};

/** What a listed message says that we do not know. */
export type Missing<M = ListedMessage> =
  | { kind: 'message'; message: M }
  | { kind: 'status'; message: M }
  /** It is the one of which nobody knew whether it was taken. */
  | { kind: 'send'; message: M; send: UnclearSend };

const ranks: Readonly<Record<MessageStatus, number>> = {
  queued: 0,
  received: 0,
  sent: 1,
  delivered: 2,
  read: 3,
  failed: 4,
  undelivered: 4,
};

/**
 * Compares messages of Twilio's list with what is known of them.
 * @param known by their ids at Twilio
 * @param unsettled sends of which nobody knows; each is found once at most
 */
export function findMissing<M extends Comparable>(
  listed: readonly M[],
  known: ReadonlyMap<string, KnownMessage>,
  unsettled: readonly UnclearSend[],
): Missing<M>[] {
  const open = new Set(unsettled.filter(({ sid }) => sid === null));
  return listed.flatMap((message): Missing<M>[] => {
    const ours = known.get(message.sid);
    if (ours) return isFurther(message.status, ours.status) ? [{ kind: 'status', message }] : [];
    const send = [...open].find((one) => isSame(message, one));
    if (!send) return [{ kind: 'message', message }];
    open.delete(send);
    return [{ kind: 'send', message, send }];
  });
}

/** Whether Twilio's word says more than what is known; what has failed, or was read, ends there. */
function isFurther(word: string, known: string | null): boolean {
  const told = readTwilioStatus(word);
  const ours = known === null || known === 'unknown' ? undefined : (readTwilioStatus(known) ?? undefined);
  return told !== null && ranks[told] > (ours === undefined ? -1 : ranks[ours]) && !isOver(ours);
}

function isOver(status: MessageStatus | undefined): boolean {
  return status === 'read' || status === 'failed' || status === 'undelivered';
}
