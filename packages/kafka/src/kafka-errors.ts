import { SwitchboardError } from '@switchboard/platform';
import { accessFaultOf } from './access-fault.ts';

/** What a Kafka client says of an error, its wrappers taken off. */
export interface KafkaFault {
  name: string;
  /** The protocol's name, e.g. `NOT_LEADER_FOR_PARTITION`; absent for faults of the connection. */
  type?: string;
  retriable: boolean;
  /** Which setting keeps this process out, when it is one. */
  hint?: string;
}

/** Reads an error of either client, or any other, down to its innermost cause. */
export function faultOf(error: unknown): KafkaFault {
  const hint = accessFaultOf(error)?.message;
  return hint === undefined ? innermost(error) : { ...innermost(error), hint };
}

function innermost(error: unknown): KafkaFault {
  if (!(error instanceof Error)) return { name: typeof error, retriable: false };
  if (error instanceof SwitchboardError) {
    return { name: error.name, type: error.code, retriable: error.retryable };
  }
  if (error.cause instanceof Error) return innermost(error.cause);
  if (error instanceof AggregateError) return gravest(error.errors.map(innermost), error);
  const type: unknown = Reflect.get(error, 'type') ?? Reflect.get(error, 'apiId') ?? unknownTopic(error);
  return {
    name: error.name,
    type: typeof type === 'string' ? type : undefined,
    retriable:
      Reflect.get(error, 'retriable') === true ||
      Reflect.get(error, 'canRetry') === true ||
      passing.has(error.name),
  };
}

/** Of several faults, one for each partition or each attempt: a refusal, else what the protocol has a name for, else the last. */
function gravest(faults: readonly KafkaFault[], error: Error): KafkaFault {
  return (
    faults.find(({ type = '' }) => refusals.has(type)) ??
    faults.find(({ type }) => type !== undefined) ??
    faults.at(-1) ?? { name: error.name, retriable: false }
  );
}

/** The producer's client tells this one in words only. */
function unknownTopic({ message }: Error): string | undefined {
  return message.startsWith('Unknown topic ') ? 'UNKNOWN_TOPIC_OR_PARTITION' : undefined;
}

/** The broker has taken the member out of the group or wants it to join again. */
export function isMembershipFault(error: unknown): boolean {
  return membershipFaults.has(faultOf(error).type ?? '');
}

/** The group rebalances, but what the member finishes now may still be committed. */
export function isRebalanceCall(error: unknown): boolean {
  return faultOf(error).type === 'REBALANCE_IN_PROGRESS';
}

/** The broker refuses these very messages: sending them again, or others with them, is no help. */
export function isRefusal(error: unknown): boolean {
  return refusals.has(faultOf(error).type ?? '');
}

/** Refused for what the broker is set to, which somebody will put right; the message itself is as good as any. */
export function isPassingRefusal(error: unknown): boolean {
  const { type = '' } = faultOf(error);
  return refusals.has(type) && !badMessage.has(type);
}

/** kafkajs calls these final; a broker that is starting causes them. */
const passing = new Set(['KafkaJSGroupCoordinatorNotFound', 'KafkaJSLockTimeout', 'KafkaJSTimeout']);

const membershipFaults = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
  'FENCED_INSTANCE_ID',
]);

const badMessage = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]);

const refusals = new Set([
  ...badMessage,
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'POLICY_VIOLATION',
]);
