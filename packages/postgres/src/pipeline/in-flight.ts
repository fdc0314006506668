import type { Queryable } from '../pool.ts';

export interface OffsetRange {
  first: number;
  last: number;
}

/** The batch that was begun last on this partition, by whichever process. */
export async function loadInFlight(
  client: Queryable,
  topic: string,
  partition: number,
): Promise<OffsetRange | undefined> {
  const { rows } = await client.query<OffsetRange>(
    'SELECT first_offset AS first, last_offset AS last FROM in_flight WHERE topic = $1 AND partition = $2',
    [topic, partition],
  );
  return rows[0];
}

/** Says, before it is begun, which batch is worked on. */
export async function markInFlight(
  client: Queryable,
  topic: string,
  partition: number,
  range: OffsetRange,
): Promise<void> {
  await client.query(
    `INSERT INTO in_flight (topic, partition, first_offset, last_offset) VALUES ($1, $2, $3, $4)
     ON CONFLICT (topic, partition) DO UPDATE
     SET first_offset = excluded.first_offset, last_offset = excluded.last_offset, started_at = now()`,
    [topic, partition, range.first, range.last],
  );
}

/** Stores that one event is begun once more. @returns how often it was, this time included */
export async function countAttempt(
  client: Queryable,
  topic: string,
  partition: number,
  offset: number,
): Promise<number> {
  const { rows } = await client.query<{ attempts: number }>(
    `INSERT INTO in_flight_attempts AS a (topic, partition, message_offset, attempts) VALUES ($1, $2, $3, 1)
     ON CONFLICT (topic, partition, message_offset) DO UPDATE SET attempts = a.attempts + 1, last_at = now()
     RETURNING attempts`,
    [topic, partition, offset],
  );
  return rows[0]?.attempts ?? 1;
}

/** Takes an attempt back: the event was not to blame (an engine was away, or the process was asked to stop). */
export async function forgiveAttempt(
  client: Queryable,
  topic: string,
  partition: number,
  offset: number,
): Promise<void> {
  await client.query(
    'UPDATE in_flight_attempts SET attempts = attempts - 1 WHERE topic = $1 AND partition = $2 AND message_offset = $3',
    [topic, partition, offset],
  );
}

/** How often an event was begun alone and not finished. */
export interface StoredAttempts {
  offset: number;
  attempts: number;
  /** The last time. */
  at: Date;
}

/** Of all events of a partition; few, and mostly none. */
export async function loadAttempts(
  client: Queryable,
  topic: string,
  partition: number,
): Promise<StoredAttempts[]> {
  const { rows } = await client.query<StoredAttempts>(
    `SELECT message_offset AS "offset", attempts, last_at AS at FROM in_flight_attempts
     WHERE topic = $1 AND partition = $2 ORDER BY message_offset`,
    [topic, partition],
  );
  return rows;
}

/** Forgets the attempts of these events: they are finished, or passed. */
export async function forgetAttempts(
  client: Queryable,
  topic: string,
  partition: number,
  offsets: readonly number[],
): Promise<void> {
  await client.query(
    'DELETE FROM in_flight_attempts WHERE topic = $1 AND partition = $2 AND message_offset = ANY ($3)',
    [topic, partition, offsets],
  );
}
