import type { VoiceCallReceived } from '@switchboard/schemas';

/** Every time an event names for its call, Unix ms; its reception only when it names none. Never empty. */
export function callTimes(event: VoiceCallReceived): number[] {
  const { started_at, answered_at, ended_at } = event.call;
  const said = [started_at, answered_at, ended_at, event.occurred_at].filter((time) => time !== null);
  return said.length > 0 ? said : [event.received_at];
}
