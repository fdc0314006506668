import type { Queryable } from '../pool.ts';

export interface OffsetRange {
  first: number;
  last: number;
}

/** A partition of a topic. */
export interface PartitionOf {
  topic: string;
  partition: number;
}

/** What is known of a partition's last batches. */
export interface Begun {
  /** The batch that was begun last, by whichever process; null: none was. */
  inFlight: OffsetRange | null;
  /** Of all its events that were begun alone and not finished, in order of offsets; few, and mostly none. */
  attempts: StoredAttempts[];
}

/** How often an event was begun alone and not finished. */
export interface StoredAttempts {
  offset: number;
  attempts: number;
  /** The last time, Unix ms. */
  at: number;
}

/** In the order of `partitions`. */
export async function loadBegun(client: Queryable, partitions: readonly PartitionOf[]): Promise<Begun[]> {
  const { rows } = await client.query<Begun>(
    `SELECT CASE WHEN f.topic IS NOT NULL THEN jsonb_build_object('first', f.first_offset, 'last', f.last_offset) END AS "inFlight",
       coalesce((SELECT jsonb_agg(jsonb_build_object('offset', a.message_offset, 'attempts', a.attempts,
           'at', floor(extract(epoch FROM a.last_at) * 1000)) ORDER BY a.message_offset)
         FROM in_flight_attempts a WHERE a.topic = w.topic AND a.partition = w.partition), '[]') AS attempts
     FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS w (topic, partition, place)
     LEFT JOIN in_flight f ON f.topic = w.topic AND f.partition = w.partition
     ORDER BY w.place`,
    [partitions.map(({ topic }) => topic), partitions.map(({ partition }) => partition)],
  );
  return rows;
}

/** Says, before they are begun, which batches are worked on; one of a partition at most. */
export async function markInFlight(
  client: Queryable,
  batches: readonly (PartitionOf & OffsetRange)[],
): Promise<void> {
  await client.query(
    `INSERT INTO in_flight (topic, partition, first_offset, last_offset)
     SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) ORDER BY 1, 2
     ON CONFLICT (topic, partition) DO UPDATE
     SET first_offset = excluded.first_offset, last_offset = excluded.last_offset, started_at = now()`,
    [
      batches.map(({ topic }) => topic),
      batches.map(({ partition }) => partition),
      batches.map(({ first }) => first),
      batches.map(({ last }) => last),
    ],
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
