import { SwitchboardError, sleep } from '@switchboard/platform';
import type { DirectConnection } from './direct-connection.ts';

/** Whoever holds a shard's session lock may move its outbox and insert its blocks; `move_outbox` asks for class 7301. */
const SHARD_CLASS = 7301;
const REBUILD_CLASS = 7302;

/** Tries once. @returns whether this session holds it now */
export function tryLockShard(connection: DirectConnection, shard: number): Promise<boolean> {
  return tryLock(connection, SHARD_CLASS, shard);
}

export function unlockShard(connection: DirectConnection, shard: number): Promise<void> {
  return unlock(connection, SHARD_CLASS, shard);
}

/**
 * Waits for the locks of all shards, lowest first, so that two that want all of them can't block each other. It asks
 * again and again instead of waiting in the server, where the session could not prove that it lives.
 * @throws SwitchboardError `stopping` when the signal comes first
 */
export async function lockShards(
  connection: DirectConnection,
  shards: readonly number[],
  signal?: AbortSignal,
): Promise<void> {
  for (const shard of shards.toSorted((a, b) => a - b))
    await waitFor(() => tryLockShard(connection, shard), 20, signal);
}

export async function unlockShards(connection: DirectConnection, shards: readonly number[]): Promise<void> {
  for (const shard of shards) await unlockShard(connection, shard);
}

/** There is one rebuild at a time. @returns whether this session is it */
export function tryLockRebuild(connection: DirectConnection): Promise<boolean> {
  return tryLock(connection, REBUILD_CLASS, 0);
}

/**
 * Waits for the rebuild's lock, asking again and again.
 * @throws SwitchboardError `stopping` when the signal comes first
 */
export function lockRebuild(connection: DirectConnection, signal?: AbortSignal): Promise<void> {
  return waitFor(() => tryLockRebuild(connection), 100, signal);
}

export function unlockRebuild(connection: DirectConnection): Promise<void> {
  return unlock(connection, REBUILD_CLASS, 0);
}

async function waitFor(
  tried: () => Promise<boolean>,
  everyMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (!(await tried())) {
    if (signal?.aborted) throw new SwitchboardError('stopping', 'the lock is another session’s');
    await sleep(everyMs, signal);
  }
}

async function tryLock(connection: DirectConnection, kind: number, key: number): Promise<boolean> {
  const { rows } = await connection.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS held', [
    kind,
    key,
  ]);
  return rows[0]?.held === true;
}

async function unlock(connection: DirectConnection, kind: number, key: number): Promise<void> {
  await connection.query('SELECT pg_advisory_unlock($1, $2)', [kind, key]);
}
