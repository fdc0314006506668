import type { DeadLetter } from '@switchboard/schemas';
import type { Queryable } from '../pool.ts';

/** Stores a dead letter, one per id: a repeat only counts its attempts. */
export async function storeDeadLetter(client: Queryable, letter: DeadLetter): Promise<void> {
  const { sealed, dead_letter_id, ...rest } = letter;
  const row = {
    ...rest,
    id: dead_letter_id,
    first_at: new Date(letter.first_at),
    last_at: new Date(letter.last_at),
  };
  await client.query('SELECT store_dead_letter($1::jsonb, $2)', [JSON.stringify(row), sealed]);
}
