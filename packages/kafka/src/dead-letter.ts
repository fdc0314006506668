import { createHash } from 'node:crypto';
import type { DeadLetterReason, DeadLetterStage } from '@switchboard/domain/dead-letter-reasons';
import { isUuid, uuidV5 } from '@switchboard/domain/ids';
import { type Sealer, SwitchboardError } from '@switchboard/platform';
import type { DeadLetter } from '@switchboard/schemas';
import { isAvroType, keptAvroType } from './avro-content.ts';
import type { Codec } from './codec.ts';
import type { IncomingMessage } from './consumer-types.ts';
import type { Producer } from './producer.ts';
import { fullTopicName, maxMessageBytes, type TopicName, topicOf } from './topics.ts';
import { schemaIdOf } from './wire-format.ts';

/** What is known of an event that cannot go on. */
export interface FailedEvent {
  tenantId: string | null;
  stage: DeadLetterStage;
  reason: DeadLetterReason;
  /** Field paths, codes, constraints; never a value of the event. */
  detail?: string | null;
  /** The vendor's name, or the topic it was read from. */
  source: string;
  /** Topic, without prefix, that a replay puts it back on; null: back through ingest. */
  topic?: TopicName | null;
  eventId?: string | null;
  callId?: string | null;
  messageKey?: string | null;
  /** The original bytes, as they came. */
  body: Buffer;
  contentType: string;
  attempts?: number;
  /** Unix ms; now unless told. */
  firstAt?: number;
  lastAt?: number;
  /** Of the replay by which it came. */
  replayId?: string | null;
  /** Where it lies, for a letter that can't hold it: topic, partition and offset. */
  place?: string;
}

export interface DeadLetterDeps {
  producer: Pick<Producer, 'send'>;
  codec: Pick<Codec, 'encode'>;
  /** Of topic names. */
  prefix: string;
  sealer: Pick<Sealer, 'seal'>;
}

const topic = 'dead-letter.v1';

/** Header of what is put back: a failure under it is that replay's. */
export const replayHeader = 'replay-id';

/** Header of what ingest takes from a dead letter of its own: a failure of it is none of that letter's replay. */
export const takenAgainHeader = 'taken-again';

/** Whether an event came now because it was put back: how old it is tells nothing of how fast it went. */
export function isPutBack(headers: IncomingMessage['headers']): boolean {
  return replayHeader in headers || takenAgainHeader in headers;
}

/** Seals the bytes. The id is the same for the same event at the same stage, so that one event is one dead letter. */
export function buildDeadLetter(event: FailedEvent, sealer: Pick<Sealer, 'seal'>): DeadLetter {
  const now = Date.now();
  const told = event.eventId ?? createHash('sha256').update(event.body).digest('hex');
  return {
    dead_letter_id: uuidV5(event.tenantId ?? '', event.stage, told),
    tenant_id: event.tenantId,
    stage: event.stage,
    reason: event.reason,
    detail: event.detail ?? null,
    source: event.source,
    topic: event.topic ?? null,
    event_id: event.eventId ?? null,
    call_id: event.callId ?? null,
    message_key: event.messageKey ?? null,
    schema_id: isAvroType(event.contentType) ? schemaIdOf(event.body) : null,
    content_type: event.contentType,
    sealed: sealer.seal(event.body),
    attempts: event.attempts ?? 1,
    first_at: event.firstAt ?? now,
    last_at: event.lastAt ?? now,
    replay_id: event.replayId ?? null,
  };
}

/**
 * Puts an event on the dead-letter topic; resolves when the broker has it. One that is too large for a letter is told of without
 * its original, which stays where it lies for as long as its topic keeps it: it holds up nothing behind it.
 * @throws what `Codec.encode` and `Producer.send` throw, retryable while broker or registry are away
 */
export async function sendDeadLetter(deps: DeadLetterDeps, event: FailedEvent): Promise<DeadLetter> {
  const letter = buildDeadLetter(event, deps.sealer);
  const headers: Record<string, string> = {};
  if (letter.event_id) headers['event-id'] = letter.event_id;
  if (letter.tenant_id) headers['tenant-id'] = letter.tenant_id;
  const send = async (sent: DeadLetter) => {
    const value = await deps.codec.encode(topic, sent);
    const name = fullTopicName(deps.prefix, topic);
    await deps.producer.send({ topic: name, key: sent.dead_letter_id, value, headers });
    return sent;
  };
  try {
    return await send(letter);
  } catch (error) {
    if (!isTooLarge(error, letter)) throw error;
    const place = `the original is too large for a letter: ${event.place ?? event.source}`;
    const detail = [letter.detail, place].filter((part) => part !== null).join('; ');
    return await send({ ...letter, detail, sealed: Buffer.alloc(0) });
  }
}

/** By our count of its bytes, or by that of the broker, which adds some of its own. */
function isTooLarge(error: unknown, { sealed }: DeadLetter): boolean {
  if (!(error instanceof SwitchboardError)) return false;
  const isNearly = sealed.length > maxMessageBytes - 16_384;
  return error.code === 'message_too_large' || (error.code === 'message_refused' && isNearly);
}

/**
 * What a message of ours tells of itself without being decoded: enough to set poison aside. A header that is no id tells none:
 * no row could keep it.
 * @param name the topic's full name
 */
export function failedMessage(
  prefix: string,
  name: string,
  message: IncomingMessage,
): Pick<
  FailedEvent,
  | 'tenantId'
  | 'source'
  | 'topic'
  | 'eventId'
  | 'messageKey'
  | 'body'
  | 'contentType'
  | 'firstAt'
  | 'replayId'
  | 'place'
> {
  const received = Date.parse(message.headers['received-at'] ?? '');
  return {
    tenantId: idIn(message, 'tenant-id'),
    source: name,
    topic: topicOf(prefix, name),
    eventId: idIn(message, 'event-id'),
    messageKey: message.key?.replaceAll('\0', '') ?? null,
    body: message.value,
    contentType: keptAvroType(message.headers.traceparent),
    firstAt: Number.isNaN(received) ? message.timestamp : received,
    replayId: idIn(message, replayHeader),
    place: `topic ${name}, partition ${message.partition}, offset ${message.offset}`,
  };
}

function idIn({ headers }: IncomingMessage, name: string): string | null {
  const id = headers[name];
  return id !== undefined && isUuid(id) ? id : null;
}
