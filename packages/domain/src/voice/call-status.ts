import type { VoiceCallReceived } from '@switchboard/schemas';

const ranks: Readonly<Record<string, number>> = {
  'call.started': 1,
  'call.failed': 2,
  'call.completed': 2,
  'recording.ready': 3,
  'call.analyzed': 4,
};

const impliedStatus: Readonly<Record<string, string>> = {
  'call.started': 'in_progress',
  'call.completed': 'completed',
  'call.failed': 'failed',
};

/** Statuses of a call that goes on. */
const unfinished: ReadonlySet<string> = new Set(['ringing', 'in_progress']);
/** Events that come when a call is over. */
const overFrom = 2;

/** How much an event of its type is believed: what is known later knows better. */
export function rankOf({ event_type }: VoiceCallReceived): number {
  return ranks[event_type] ?? 0;
}

/**
 * What an event says of the call's status, and at which rank: above all a status said of a call that is over, at the rank
 * of its event; below it, each ten ranks lower, that a call is over because there is an event that comes then, or an end;
 * then a status said of a call that goes on; then that it goes on because it began. So a call ends even if
 * `call.completed` never comes, and what was said holds against what only follows.
 */
export function statusOf(event: VoiceCallReceived): { value: string; rank: number } | undefined {
  const rank = rankOf(event);
  const { status, ended_at, end_reason } = event.call;
  if (status !== null && !unfinished.has(status)) return { value: status, rank };
  const implied = impliedStatus[event.event_type];
  if (rank >= overFrom || ended_at !== null || end_reason !== null) {
    // That the call failed or was completed is surer from the event that says it than from one that comes later.
    const sure = implied !== undefined && !unfinished.has(implied);
    return { value: sure ? implied : 'completed', rank: (sure ? 5 : 0) - 10 };
  }
  if (status !== null) return { value: status, rank: rank - 20 };
  return implied === undefined ? undefined : { value: implied, rank: rank - 30 };
}
