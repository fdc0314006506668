import type { Engine } from './engine.ts';
import { exception } from './exception.ts';
import type { NativeResult } from './native.ts';
import type { RunningQuery } from './running-queries.ts';
import { quoteString } from './sql-literal.ts';

const COLUMNS = 'kill_status String, query_id String, user String, query String';

/**
 * Kills queries, and tells so in the columns of a server's `KILL QUERY`.
 *
 * @param sync answers when they have ended
 */
export async function killQueries(
  engine: Engine,
  queries: readonly RunningQuery[],
  sync: boolean,
  format: string,
): Promise<NativeResult> {
  for (const { kill } of queries)
    kill.abort(exception(394, 'QUERY_WAS_CANCELLED', 'The query was cancelled'));
  if (sync) await Promise.allSettled(queries.map(({ ended }) => ended));
  const status = sync ? 'finished' : 'waiting';
  const rows = queries.map(
    ({ queryId, user, text }) => `(${[status, queryId, user, text].map(quoteString).join(', ')})`,
  );
  return engine.query(`SELECT * FROM values(${quoteString(COLUMNS)}, ${rows.join(', ')})`, format);
}
