import type { DeadLetter } from '@switchboard/schemas';
import type { Queryable } from '../pool.ts';

/**
 * Stores a dead letter, one per id: a repeat only counts its attempts, and one whose replay failed is open again.
 * @param people pseudonyms of the phone numbers in its original
 */
export async function storeDeadLetter(
  client: Queryable,
  letter: DeadLetter,
  people: readonly string[],
): Promise<void> {
  const { sealed, dead_letter_id, ...rest } = letter;
  const row = {
    ...rest,
    id: dead_letter_id,
    first_at: new Date(letter.first_at),
    last_at: new Date(letter.last_at),
    // In jsonb_to_record an array of jsonb becomes one of Postgres.
    people,
  };
  await client.query('SELECT store_dead_letter($1::jsonb, $2)', [JSON.stringify(row), sealed]);
}
