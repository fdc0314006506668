import type { DeadLetter } from '@switchboard/schemas';
import type { Queryable } from '../pool.ts';
import { searchVersion, unsearched, type Whose } from './dead-letters.ts';

/** Where going through a clinic's letters stands. */
export interface LetterPlace {
  id: string;
  /** As Postgres has it, to the microsecond. */
  lastAt: string;
}

/** What of a letter tells whose it is. */
export type Original = Pick<DeadLetter, 'tenant_id' | 'topic' | 'content_type' | 'sealed'>;

const mayBeSearched = `(searches_left > 0 OR (searches_left IS NULL AND search_version < ${searchVersion}))
  AND NOT people @> '{${unsearched}}' AND octet_length(sealed) > 0`;

/** A clinic's letters, newest first, that were not searched for whose they are, or by older rules, and may be. */
export async function unsearchedLetters(
  client: Queryable,
  tenantId: string,
  after: LetterPlace | undefined,
  most: number,
): Promise<LetterPlace[]> {
  const { rows } = await client.query<LetterPlace>(
    `SELECT id, last_at::text AS "lastAt" FROM dead_letters
     WHERE tenant_id = $1 AND ${mayBeSearched} AND (last_at, id) < ($2::timestamptz, $3::uuid)
     ORDER BY last_at DESC, id DESC LIMIT $4`,
    [tenantId, after?.lastAt ?? 'infinity', after?.id ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff', most],
  );
  return rows;
}

/** Stores, before it is begun, that a letter is searched. @returns its original; undefined where it may not be any more */
export async function beginSearch(
  client: Queryable,
  tenantId: string,
  id: string,
): Promise<Original | undefined> {
  const { rows } = await client.query<Original>(
    `UPDATE dead_letters SET searches_left = coalesce(searches_left, 3) - 1
     WHERE tenant_id = $1 AND id = $2 AND ${mayBeSearched} RETURNING tenant_id, topic, content_type, sealed`,
    [tenantId, id],
  );
  return rows[0];
}

/** Takes a search back that ended without saying whose the letter is, and without a death. */
export async function takeSearchBack(client: Queryable, tenantId: string, id: string): Promise<void> {
  await client.query(
    'UPDATE dead_letters SET searches_left = searches_left + 1 WHERE tenant_id = $1 AND id = $2',
    [tenantId, id],
  );
}

/** Notes whose a letter is, unless its original is gone meanwhile; of whom it was found to be stays where it can't be read any more. */
export async function endSearch(
  client: Queryable,
  tenantId: string,
  id: string,
  whose: Exclude<Whose, 'unsearched'>,
): Promise<void> {
  const searched = whose !== 'unsearchable';
  await client.query(
    `UPDATE dead_letters SET people = CASE WHEN $4 OR people = '{}' THEN $3::uuid[] ELSE people END, search_version = ${searchVersion},
       searches_left = CASE WHEN NOT $4 AND people = '{}' THEN searches_left END
     WHERE tenant_id = $1 AND id = $2 AND octet_length(sealed) > 0`,
    [tenantId, id, searched ? whose : [unsearched], searched],
  );
}

/** Whether a letter was stored without a search for whose it is that is to be begun again. */
export async function isUnsearchable(client: Queryable, tenantId: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM dead_letters WHERE tenant_id = $1 AND id = $2 AND $3 = ANY (people)',
    [tenantId, id, unsearched],
  );
  return rowCount !== 0;
}
