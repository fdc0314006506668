import { isUuid } from '@switchboard/domain/ids';
import type { DeadLetter } from '@switchboard/schemas';
import type { Queryable } from '../pool.ts';

/** In place of pseudonyms where no search is to be begun again: that of older releases searches only where none are. */
export const unsearched = '00000000-0000-0000-0000-000000000000';

/** By which rules originals are searched. What was searched by those of a lower one is searched anew: raise it with them. */
export const searchVersion = 2;

/**
 * Pseudonyms of the phone numbers in an original; or it was not searched, or is not to be searched again: that ended the process, or
 * the original can't be read.
 */
export type Whose = readonly string[] | 'unsearched' | 'unsearchable';

/**
 * Stores a dead letter, one per id: a repeat only counts its attempts, and one whose replay failed is open again. What no row can
 * hold is left out of it: ids that are none, and the character that no text of Postgres has.
 */
export async function storeDeadLetter(client: Queryable, letter: DeadLetter, whose: Whose): Promise<void> {
  const { sealed, dead_letter_id, ...rest } = letter;
  const searched = typeof whose !== 'string';
  const row = {
    ...rest,
    id: dead_letter_id,
    tenant_id: idOrNull(letter.tenant_id),
    event_id: idOrNull(letter.event_id),
    replay_id: idOrNull(letter.replay_id),
    first_at: new Date(letter.first_at),
    last_at: new Date(letter.last_at),
    // In jsonb_to_record an array of jsonb becomes one of Postgres.
    people: searched ? whose : whose === 'unsearchable' ? [unsearched] : [],
    searched,
    search_version: searchVersion,
  };
  const storable = JSON.stringify(row, (_, value) =>
    typeof value === 'string' ? value.replaceAll('\0', '') : value,
  );
  await client.query('SELECT store_dead_letter($1::jsonb, $2)', [storable, sealed]);
}

function idOrNull(id: string | null): string | null {
  return id !== null && isUuid(id) ? id : null;
}
