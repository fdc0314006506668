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

/** How many of the newest blocks are gone through, so that looking never takes long. */
const mostBlocks = 200;

/** The blocks with statements of an event, of those whose payload is still there: of the last hour. */
export async function findBlocks(db: Queryable, eventId: string): Promise<FoundBlock[]> {
  const { rows } = await db.query<
    Omit<FoundBlock, 'createdAt' | 'doneAt'> & { created_at: Date; done_at: Date | null }
  >(
    `SELECT b.shard, b.number, b.state, p.kind, b.created_at, b.done_at
     FROM (SELECT * FROM blocks ORDER BY number DESC LIMIT $2) b
     JOIN block_payloads p ON p.shard = b.shard AND p.number = b.number
     WHERE strpos(p.payload, $1) > 0 ORDER BY b.number, p.kind`,
    [eventId, mostBlocks],
  );
  return rows.map(({ created_at: createdAt, done_at: doneAt, ...row }) => ({ ...row, createdAt, doneAt }));
}
