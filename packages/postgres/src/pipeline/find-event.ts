import type { Queryable } from '../pool.ts';

/** What Postgres knows of an event. Nothing in it tells of a patient; times are as Postgres prints them in JSON. */
export interface FoundEvent {
  /** When its effect was committed. */
  taken: { tenant_id: string; event_id: string; at: string }[];
  dead_letters: {
    id: string;
    tenant_id: string | null;
    stage: string;
    reason: string;
    /** Codes and field paths. */
    detail: string | null;
    attempts: number;
    state: string;
    last_at: string;
  }[];
  /** Its statements that are in no block yet. */
  outbox: { kind: string; entity_id: string; sign: number; at: string }[];
}

/** A block with statements of an event. */
export interface FoundBlock {
  shard: number;
  number: number;
  state: 'moved' | 'done';
  kind: string;
  createdAt: Date;
  doneAt: Date | null;
}

/** @param eventIds ids that the event has on its way */
export async function findEvent(db: Queryable, eventIds: readonly string[]): Promise<FoundEvent> {
  const { rows } = await db.query<FoundEvent & { [column: string]: unknown }>(
    `SELECT f -> 'taken' AS taken, f -> 'dead_letters' AS dead_letters, f -> 'outbox' AS outbox FROM find_event($1) AS f`,
    [eventIds],
  );
  return rows[0] ?? { taken: [], dead_letters: [], outbox: [] };
}

/** How many blocks are gone through: the first or second holds the event, unless much waited before it. */
const mostBlocks = 200;

/**
 * The first blocks with statements of an event, of those whose payload is still there: of the last hour. It went into one
 * of its clinic's that was done after the event was taken, or that is not done yet.
 * @param taken when, and of which clinic: {@link FoundEvent.taken}
 */
export async function findBlocks(
  db: Queryable,
  eventId: string,
  taken: FoundEvent['taken'],
): Promise<FoundBlock[]> {
  const [first] = taken;
  if (!first) return [];
  const { rows: blocks } = await db.query<
    Pick<FoundBlock, 'shard' | 'number' | 'state'> & { created_at: Date; done_at: Date | null }
  >(
    `(SELECT shard, number, state, created_at, done_at FROM blocks
      WHERE state = 'done' AND done_at >= $1 AND $2 = ANY (tenants) ORDER BY done_at LIMIT $3)
     UNION ALL
     (SELECT shard, number, state, created_at, done_at FROM blocks
      WHERE state = 'moved' AND $2 = ANY (tenants) ORDER BY shard, number LIMIT $3)`,
    [first.at, first.tenant_id, mostBlocks],
  );
  const found: FoundBlock[] = [];
  for (const { created_at: createdAt, done_at: doneAt, ...block } of blocks) {
    const { rows: kinds } = await db.query<{ kind: string }>(
      `SELECT kind FROM block_payloads WHERE shard = $1 AND number = $2 AND strpos(payload, $3) > 0 ORDER BY kind`,
      [block.shard, block.number, eventId],
    );
    // What was committed together is moved together, at most into two blocks.
    if (kinds.length === 0 && found.length > 0) break;
    for (const { kind } of kinds) found.push({ ...block, kind, createdAt, doneAt });
  }
  return found;
}
