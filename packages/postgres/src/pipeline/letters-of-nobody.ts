import type { DeadLetter } from '@switchboard/schemas';
import type { Queryable } from '../pool.ts';
import { unsearched } from './dead-letters.ts';

/** Where going through a clinic's letters stands. */
export interface LetterPlace {
  id: string;
  /** As Postgres has it, to the microsecond. */
  lastAt: string;
}

/** What of a letter tells whose it is. */
export type Original = Pick<DeadLetter, 'tenant_id' | 'topic' | 'content_type' | 'sealed'>;

/** A clinic's letters, newest first, that no patient is found by and whose content type has a parameter. */
export async function lettersOfNobody(
  client: Queryable,
  tenantId: string,
  after: LetterPlace | undefined,
  most: number,
): Promise<LetterPlace[]> {
  const { rows } = await client.query<LetterPlace>(
    `SELECT id, last_at::text AS "lastAt" FROM dead_letters
     WHERE tenant_id = $1 AND people = '{}' AND content_type LIKE 'application/vnd.confluent.avro;%' AND octet_length(sealed) > 0
       AND (last_at, id) < ($2::timestamptz, $3::uuid)
     ORDER BY last_at DESC, id DESC LIMIT $4`,
    [tenantId, after?.lastAt ?? 'infinity', after?.id ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff', most],
  );
  return rows;
}

/** The original of a letter; undefined when it is gone. */
export async function readOriginal(
  client: Queryable,
  tenantId: string,
  id: string,
): Promise<Original | undefined> {
  const { rows } = await client.query<Original>(
    `SELECT tenant_id, topic, content_type, sealed FROM dead_letters
     WHERE tenant_id = $1 AND id = $2 AND octet_length(sealed) > 0`,
    [tenantId, id],
  );
  return rows[0];
}

/** Notes whose a letter is, unless that is known or its original gone meanwhile. @returns how many letters changed */
export async function notePeople(
  client: Queryable,
  tenantId: string,
  id: string,
  people: readonly string[],
): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE dead_letters SET people = $3::uuid[]
     WHERE tenant_id = $1 AND id = $2 AND people = '{}' AND octet_length(sealed) > 0`,
    [tenantId, id, people],
  );
  return rowCount ?? 0;
}

/** Whether a letter was stored without a search for whose it is, because that ended the process. */
export async function isUnsearched(client: Queryable, tenantId: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM dead_letters WHERE tenant_id = $1 AND id = $2 AND $3 = ANY (people)',
    [tenantId, id, unsearched],
  );
  return rowCount !== 0;
}
