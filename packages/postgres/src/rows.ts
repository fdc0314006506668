import type { Queryable } from './pool.ts';

/** A row to write: column name to value; times as ISO text or Date, JSON as it is. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Builds the set-wise upsert of one table: one statement for any number of rows, handed over as one JSON text. Rows of
 * one call must differ in their key (two equal keys in one statement are an error of SQL, 21000).
 */
export function createUpsert(table: string, key: readonly string[], columns: readonly string[]) {
  const all = [...key, ...columns].join(', ');
  const set = columns.map((column) => `${column} = excluded.${column}`).join(', ');
  const text = `INSERT INTO ${table} (${all}) SELECT ${all} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)
    ON CONFLICT (${key.join(', ')}) DO ${set ? `UPDATE SET ${set}` : 'NOTHING'}`;
  return async (client: Queryable, rows: readonly Row[]): Promise<void> => {
    if (rows.length > 0) await client.query(text, [JSON.stringify(rows)]);
  };
}
