import { describeError, type Logger, type OnStep, type Sealer } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Rounds, startRounds } from '@switchboard/platform/rounds';
import type { Queryable } from '@switchboard/postgres';
import {
  type ClaimedReplay,
  claimReplays,
  endReplays,
  failReplay,
} from '@switchboard/postgres/pipeline/replays';
import type { TenantDirectory } from '../tenants/tenant-directory.ts';
import type { ReplayBody, StillRefused } from './replay-body.ts';

export interface ReplayLettersOptions {
  db: Queryable;
  tenants: Pick<TenantDirectory, 'find' | 'isLoaded'>;
  replayBody: ReplayBody;
  sealer: Pick<Sealer, 'open'>;
  logger: Logger;
  failures: { inc(labels: { job: string }): void };
  /** How often it is looked whether one was asked for, ms. */
  everyMs: number;
  onStep?: OnStep<'replay-taken' | 'replay-marked'>;
}

/** Small, so that webhooks have their turn between. */
const claim = { most: 20, mostBytes: 16 * 1024 * 1024, leaseMs: 15_000 };

/**
 * Takes once more the bodies that ingest had set aside, when their replay was asked for: they never were on a topic. Nothing
 * of ingest waits for it, and it waits for Postgres. One that is taken twice counts once, by its event's id.
 */
export function startReplayingLetters(options: ReplayLettersOptions): Rounds {
  const { db, tenants, logger, failures, everyMs, onStep } = options;

  async function round(signal: AbortSignal): Promise<boolean> {
    if (!tenants.isLoaded()) return false;
    const claimed = await claimReplays(db, 'ingest', claim);
    for (const replay of claimed) {
      if (signal.aborted) return false;
      const refused = await take(replay);
      await onStep?.('replay-taken');
      if (refused) await failReplay(db, replay, refused);
      else await endReplays(db, [replay]);
      await onStep?.('replay-marked');
    }
    return claimed.length > 0 && !signal.aborted;
  }

  /** @throws RequestProblem 503: it comes again when its lease is over */
  async function take(
    replay: ClaimedReplay,
  ): Promise<StillRefused | { reason: null; detail: string } | null> {
    const tenant = replay.tenantId === null ? undefined : tenants.find(replay.tenantId);
    if (!tenant) return { reason: 'unknown_tenant', detail: null };
    try {
      return await options.replayBody({
        tenant,
        source: replay.source,
        body: options.sealer.open(replay.sealed),
        contentType: replay.contentType,
        receivedAt: replay.firstAt.getTime(),
      });
    } catch (error) {
      if (error instanceof RequestProblem) throw error;
      const { code, name } = describeError(error);
      const told = { dead_letter_id: replay.id, event_id: replay.eventId };
      logger.warn({ ...told, error }, 'a dead letter cannot be taken again');
      return { reason: null, detail: code ?? name ?? 'unknown' };
    }
  }

  return startRounds({ name: 'replays', everyMs, work: round, logger, failures });
}
