import type { VoiceCallReceived } from '@switchboard/schemas';

/** What is read of an event for its times. */
type TimedEvent = Pick<VoiceCallReceived, 'occurred_at' | 'received_at'> & {
  call: Pick<VoiceCallReceived['call'], 'started_at' | 'answered_at' | 'ended_at' | 'duration_seconds'>;
};

/** Every time an event names for its call, Unix ms; its reception only when it names none. Never empty. */
export function callTimes(event: TimedEvent): number[] {
  const { started_at, answered_at, ended_at } = event.call;
  const said = [started_at, answered_at, ended_at, event.occurred_at].filter((time) => time !== null);
  return said.length > 0 ? said : [event.received_at];
}

/**
 * When a call began, Unix ms: as it is said, else its end less its length, else the earliest time it names. What a caller
 * means by "tomorrow" hangs on it.
 */
export function startOf(event: TimedEvent): number {
  const { started_at, ended_at, duration_seconds } = event.call;
  const computed =
    ended_at !== null && duration_seconds !== null ? Math.round(ended_at - duration_seconds * 1_000) : null;
  return started_at ?? computed ?? Math.min(...callTimes(event));
}
