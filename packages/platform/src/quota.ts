import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Logger } from './logger.ts';

export interface QuotaOptions {
  /** Of what is counted, in the keys. */
  name: string;
  windowMs: number;
  /** A shorter window beside it, so that a quota is not used up in a rush that all others wait behind. */
  burst?: { windowMs: number; limitOf(limit: number): number };
  /** Counts of all processes; without one each counts for itself. */
  redis: SharedCounts | undefined;
}

/** How much of a key's quota is used. */
export interface QuotaState {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Seconds until the window ends, at least 1. */
  resetSeconds: number;
}

export interface Quota {
  /**
   * Counts one of the key's window. What was refused counts too, so that who never rests gets no more than the quota; but
   * a burst that was refused took nothing of the longer window.
   */
  take(key: string, limit: number): Promise<QuotaState>;
  /** Counts so many that are let in already, in both windows whatever is left of them. */
  charge(key: string, count: number): Promise<void>;
}

/** A Redis that counts for all processes. Nothing waits for it: while it is away, or slow, each process counts for itself. */
export interface SharedCounts {
  client: Redis;
  /** Whether it may be asked now: after a failure not for a second. */
  isUp(): boolean;
  failed(error: unknown): void;
  /** A Redis that was only slow says nothing when it is fast again: its connection was never lost. */
  answered(): void;
  close(): void;
}

/** After an answer that did not come nobody asks for so long. */
const restMs = 1_000;

/**
 * Connects by itself, now and after each loss.
 * @param answerMs longest wait for an answer: each of the first requests that meet a frozen Redis waits so long, those after
 * them not at all
 */
export function connectSharedCounts(url: string, logger: Logger, answerMs = 100): SharedCounts {
  let awayUntil = 0;
  let isTold = false;
  const failed = (error: unknown) => {
    awayUntil = Date.now() + restMs;
    if (isTold) return;
    isTold = true;
    logger.warn({ error }, 'Redis is away: quotas are counted by each process for itself');
  };
  const answered = () => {
    // An answer to what was asked before the failure says nothing of after it.
    if (!isTold || Date.now() < awayUntil) return;
    isTold = false;
    logger.info('Redis is back: quotas are counted together again');
  };
  const client = new Redis(url, {
    connectTimeout: 2_000,
    commandTimeout: answerMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(100 * attempt, restMs),
  });
  client.on('error', failed);
  client.on('ready', () => {
    awayUntil = 0;
    answered();
  });
  return {
    client,
    isUp: () => client.status === 'ready' && Date.now() >= awayUntil,
    failed,
    answered,
    close: () => client.disconnect(),
  };
}

/** So many of a key in a window; each key may have another limit. */
export function createQuota({ name, windowMs, burst, redis }: QuotaOptions): Quota {
  const countInWindow = createWindow(name, windowMs, redis);
  const countInBurst = burst && createWindow(`${name}:burst`, burst.windowMs, redis);
  return {
    async take(key, limit) {
      const most = burst?.limitOf(limit) ?? limit;
      if (countInBurst && most < limit) {
        const state = stateOf(await countInBurst(key, 1), most);
        if (!state.allowed) return state;
      }
      return stateOf(await countInWindow(key, 1), limit);
    },
    async charge(key, count) {
      await Promise.all([countInBurst?.(key, count), countInWindow(key, count)]);
    },
  };
}

function stateOf({ consumedPoints, msBeforeNext }: RateLimiterRes, limit: number): QuotaState {
  return {
    allowed: consumedPoints <= limit,
    limit,
    remaining: Math.max(0, limit - consumedPoints),
    resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  };
}

/** Counts so many of a key, and tells how many there are. */
type CountInWindow = (key: string, points: number) => Promise<RateLimiterRes>;

function createWindow(name: string, windowMs: number, redis: SharedCounts | undefined): CountInWindow {
  // Whether a count is too many is for us to say: the limit is the key's.
  const counting = {
    points: Number.MAX_SAFE_INTEGER,
    duration: windowMs / 1000,
    keyPrefix: `switchboard:${name}`,
  };
  const own = new RateLimiterMemory(counting);
  const shared = redis && new RateLimiterRedis({ ...counting, storeClient: redis.client });

  return async function count(key, points) {
    if (!redis?.isUp() || !shared) return own.consume(key, points);
    try {
      const counted = await shared.consume(key, points);
      redis.answered();
      return counted;
    } catch (error) {
      if (error instanceof RateLimiterRes) return error;
      redis.failed(error);
      return own.consume(key, points);
    }
  };
}
