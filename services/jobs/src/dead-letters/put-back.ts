import { type Producer, putBack } from '@switchboard/kafka';
import {
  describeError,
  type Metrics,
  type OnStep,
  type Sealer,
  SwitchboardError,
} from '@switchboard/platform';
import { type Rounds, type RoundsOptions, startRounds } from '@switchboard/platform/rounds';
import type { Pool } from '@switchboard/postgres';
import {
  type ClaimedReplay,
  claimReplays,
  endReplays,
  failReplay,
} from '@switchboard/postgres/pipeline/replays';

export interface PutBackOptions extends Pick<RoundsOptions, 'logger' | 'failures'> {
  pool: Pool;
  producer: Pick<Producer, 'send'>;
  /** Of topic names. */
  prefix: string;
  sealer: Pick<Sealer, 'open'>;
  metrics: Metrics;
  onStep?: OnStep<'replay-claimed' | 'replay-sent' | 'replay-marked'>;
}

const name = 'replays';
const everyMs = 2_000;
/** One request of the producer; fresh events go between two. The lease is longer than the producer's deadline. */
const claim = { most: 100, mostBytes: 16 * 1024 * 1024, leaseMs: 15_000 };

/**
 * Puts dead letters back on their topics, oldest first, until it is stopped; any number of processes may do it at once. One
 * that dies between the broker's answer and the mark leaves a letter that another sends again: it lands once, by its event id.
 */
export function startPuttingBack(options: PutBackOptions): Rounds {
  const { pool, producer, prefix, sealer, logger, failures, onStep } = options;
  const replays = options.metrics.counter(
    'switchboard_dead_letters_replayed_total',
    'Dead letters put back on their topic, by what became of it.',
    ['stage', 'result'],
  );

  async function round(signal: AbortSignal): Promise<boolean> {
    const claimed = await claimReplays(pool, 'topic', claim);
    if (claimed.length > 0) await onStep?.('replay-claimed');
    const settled = await Promise.allSettled(claimed.map(send));
    const sent = claimed.filter((_, at) => settled[at]?.status === 'fulfilled');
    if (sent.length > 0) await onStep?.('replay-sent');
    await endReplays(pool, sent);
    if (sent.length > 0) await onStep?.('replay-marked');
    let away: unknown;
    for (const [at, result] of settled.entries()) {
      const replay = claimed[at];
      if (!replay) continue;
      if (result.status === 'fulfilled') replays.inc({ stage: replay.stage, result: 'put_back' });
      else if (isAway(result.reason)) away ??= result.reason;
      else await giveUp(replay, result.reason);
    }
    // What the broker did not take comes again when its lease is over.
    if (away) throw away;
    return claimed.length > 0 && !signal.aborted;
  }

  async function send(replay: ClaimedReplay): Promise<void> {
    await putBack(
      { producer, prefix },
      {
        topic: replay.topic ?? '',
        key: replay.messageKey,
        body: sealer.open(replay.sealed),
        contentType: replay.contentType,
        tenantId: replay.tenantId,
        eventId: replay.eventId,
        receivedAt: replay.firstAt,
        replayId: replay.replayId,
      },
    );
  }

  async function giveUp(replay: ClaimedReplay, error: unknown): Promise<void> {
    const { code, name: kind } = describeError(error);
    await failReplay(pool, replay, { reason: null, detail: code ?? kind ?? null });
    replays.inc({ stage: replay.stage, result: 'refused' });
    const told = { dead_letter_id: replay.id, event_id: replay.eventId };
    logger.warn({ job: name, ...told, error }, 'a dead letter cannot be put back');
  }

  return startRounds({ name, everyMs, work: round, logger, failures });
}

function isAway(error: unknown): boolean {
  return error instanceof SwitchboardError && error.retryable;
}
