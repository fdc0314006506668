import type { DeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import type { Queryable } from '../pool.ts';

/** A dead letter that one process puts back now. */
export interface ClaimedReplay {
  id: string;
  /** Of this replay. */
  replayId: string;
  tenantId: string | null;
  stage: string;
  /** A vendor's name, or the topic it was read from. */
  source: string;
  /** Without prefix; null: through ingest. */
  topic: string | null;
  eventId: string | null;
  messageKey: string | null;
  contentType: string;
  /** The original. */
  sealed: Buffer;
  /** When it first failed: about when it came. */
  firstAt: Date;
}

export interface ClaimOptions {
  most: number;
  /** Of originals in memory at a time; one larger than that comes alone. */
  mostBytes: number;
  /** How long another process leaves it to this one the first time; twice as long each further time, up to 32 times. */
  leaseMs: number;
}

const columns = `id, replay_id AS "replayId", tenant_id AS "tenantId", stage, source, topic, event_id AS "eventId",
  message_key AS "messageKey", content_type AS "contentType", sealed, first_at AS "firstAt"`;

/**
 * Claims what is to be put back, oldest first, of all tenants and of none.
 * @param way `ingest`: bodies that were on no topic yet, as ingest's role
 */
export async function claimReplays(
  db: Queryable,
  way: 'ingest' | 'topic',
  { most, mostBytes, leaseMs }: ClaimOptions,
): Promise<ClaimedReplay[]> {
  const from = way === 'ingest' ? 'claim_ingest_replays(' : 'claim_replays(false, ';
  const { rows } = await db.query<ClaimedReplay>(`SELECT ${columns} FROM ${from}$1, $2, $3)`, [
    most,
    mostBytes,
    leaseMs,
  ]);
  return rows.toSorted((a, b) => a.firstAt.getTime() - b.firstAt.getTime() || (a.id < b.id ? -1 : 1));
}

/** They are where they came from again; whether they go on from there, only their next failure tells. */
export async function endReplays(
  db: Queryable,
  replays: readonly Pick<ClaimedReplay, 'id' | 'replayId'>[],
): Promise<void> {
  if (replays.length === 0) return;
  await db.query('SELECT end_replays($1, $2)', [
    replays.map(({ id }) => id),
    replays.map(({ replayId }) => replayId),
  ]);
}

/**
 * It is open again, with one attempt more.
 * @param fault `reason` null: as it was; `detail`: codes and paths, never values
 */
export async function failReplay(
  db: Queryable,
  { id, replayId }: Pick<ClaimedReplay, 'id' | 'replayId'>,
  fault: { reason: DeadLetterReason | null; detail: string | null },
): Promise<void> {
  await db.query('SELECT fail_replay($1, $2, $3, $4)', [id, replayId, fault.reason, fault.detail]);
}
