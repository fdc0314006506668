import type { LedgerWords } from '@switchboard/testkit/ledger';
import type { WebhookBody } from '@switchboard/testkit/simulate/webhook-body';

const ranks: Readonly<Record<WebhookBody['event'], number>> = {
  'call.started': 1,
  'call.failed': 2,
  'call.completed': 2,
  'recording.ready': 3,
  'call.analyzed': 4,
};

/** What a webhook says of how its call ended; that it goes on holds only until another says more. */
export function wordsOf({ event, occurred_at, call }: WebhookBody): LedgerWords {
  const { status, end_reason, duration_seconds } = call;
  const fields: Record<string, string | number> = {};
  if (status !== undefined && status !== 'in_progress') fields.status = status;
  if (end_reason !== undefined) fields.end_reason = end_reason;
  if (duration_seconds !== undefined) fields.duration_seconds = duration_seconds;
  return { rank: ranks[event], atMs: Date.parse(occurred_at), fields };
}
