import type { Logger, Metrics } from '@switchboard/platform';
import { type Rounds, type RoundsOptions, startRounds } from '@switchboard/platform/rounds';
import { withTenant } from '@switchboard/postgres';
import {
  type ClaimedSend,
  claimSends,
  claimUnclear,
  type DueSends,
  dueSends,
  type UnclearSend,
} from '@switchboard/postgres/messaging/sends';
import { type AccountOptions, type OpenAccount, openAccount } from './accounts.ts';
import { lookForMessage } from './look-for-message.ts';
import { type SendOptions, type SendResult, sendMessage, sendResults } from './send-message.ts';

export interface SendWorkerOptions extends SendOptions, AccountOptions, Pick<RoundsOptions, 'failures'> {
  logger: Logger;
  metrics: Metrics;
  /** Requests to Twilio under way at a time, a fifth of them for one clinic while others wait. */
  concurrency: number;
  /** Messages of one number in a second. */
  perSecond: number;
  /** After all of the time that an attempt may take: what has not ended then is looked for. */
  markMs: number;
}

interface ClaimedWork {
  account: OpenAccount | undefined;
  sends: ClaimedSend[];
  unclear: UnclearSend[];
  /** There may be more to claim in a moment: not so while all that is due waits for what goes before it. */
  hasMore: boolean;
}

const name = 'messages';
/** Retries become due without a word. */
const everyMs = 1_000;
/** While a number's rate holds messages back. */
const pacedMs = 100;

/** Sends what is due until it is stopped; any number of processes may do it at once. Clinics take turns. */
export function startSendWorker(options: SendWorkerOptions): Rounds {
  const { pool, logger, failures, metrics, concurrency, perSecond } = options;
  const results = metrics.counter(
    'switchboard_message_sends_total',
    'Attempts to send a message, and looks for one of which nobody knows, by how they ended.',
    ['result'],
  );
  // An alert counts on the increase of one: a series that begins at 1 has none.
  for (const result of sendResults) results.inc({ result }, 0);
  let oldestDue: number | undefined;
  metrics.gauge(
    'switchboard_message_sends_oldest_due_seconds',
    'How long the oldest message that is to go out now has waited for it.',
    [],
    // It goes on growing while Postgres can't be asked, though the message may have gone out since.
    (gauge) => gauge.set(oldestDue === undefined ? 0 : Math.max(0, options.now() - oldestDue) / 1_000),
  );
  const underWay = new Map<Promise<void>, string>();
  let again: NodeJS.Timeout | undefined;

  function begin(tenantId: string, work: Promise<SendResult>): void {
    const attempt = work
      .then((result) => results.inc({ result }))
      .catch((error: unknown) => {
        // The claim runs out, and it is looked for.
        failures.inc({ job: name });
        logger.warn({ job: name, tenant_id: tenantId, error }, 'how a message ended is not written down');
      })
      .then(() => {
        underWay.delete(attempt);
        rounds.wake();
      });
    underWay.set(attempt, tenantId);
  }

  function freeFor(tenantId: string, clinics: number): number {
    const here = [...underWay.values()].filter((one) => one === tenantId).length;
    const share = clinics > 1 ? Math.max(1, Math.floor(concurrency / 5)) : concurrency;
    return Math.min(concurrency - underWay.size, share - here);
  }

  function claim(tenantId: string, most: number): Promise<ClaimedWork> {
    const leaseMs = options.twilio.timeoutMs + options.markMs;
    return withTenant(pool, tenantId, async (client) => {
      const account = await openAccount(client, tenantId, options);
      const unclear = await claimUnclear(client, tenantId, { most, leaseMs });
      const numbers = account?.numbers ?? [''];
      const sends: ClaimedSend[] = [];
      let hasMore = unclear.length > 0;
      for (const from of numbers) {
        const left = most - unclear.length - sends.length;
        if (left <= 0) break;
        const claimed = await claimSends(client, tenantId, { from, numbers, perSecond, most: left, leaseMs });
        sends.push(...claimed.sends);
        hasMore ||= claimed.isPaced || claimed.sends.length > 0;
      }
      return { account, sends, unclear, hasMore };
    });
  }

  async function serve({ tenantId }: DueSends, clinics: number): Promise<boolean> {
    const most = freeFor(tenantId, clinics);
    if (most <= 0) return false;
    const { account, sends, unclear, hasMore } = await claim(tenantId, most);
    for (const send of unclear) begin(tenantId, lookForMessage(options, account, send));
    for (const send of sends) begin(tenantId, sendMessage(options, account, send));
    return hasMore;
  }

  async function round(signal: AbortSignal): Promise<boolean> {
    const due = await dueSends(pool);
    oldestDue = due.length === 0 ? undefined : Math.min(...due.map(({ dueSince }) => dueSince.getTime()));
    let hasMore = false;
    for (const one of inTurn(due)) {
      if (signal.aborted) return false;
      try {
        hasMore = (await serve(one, due.length)) || hasMore;
      } catch (error) {
        // One clinic's broken secret stops no other's messages.
        failures.inc({ job: name });
        logger.warn(
          { job: name, tenant_id: one.tenantId, error },
          'the messages of a clinic were not taken up',
        );
      }
    }
    if (hasMore && !signal.aborted) again ??= setTimeout(next, pacedMs);
    return false;
  }

  function next(): void {
    again = undefined;
    rounds.wake();
  }

  const rounds = startRounds({ name, everyMs, work: round, logger, failures });
  return {
    wake: rounds.wake,
    async stop() {
      await rounds.stop();
      clearTimeout(again);
      await Promise.all(underWay.keys());
    },
  };
}

/** At random, so that no clinic is always the last. */
function inTurn(due: readonly DueSends[]): DueSends[] {
  return due
    .map((one) => ({ one, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}
