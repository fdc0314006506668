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
  const text = `INSERT INTO ${table} (${all}) SELECT ${all} FROM json_populate_recordset(NULL::${table}, $1::json)
    ON CONFLICT (${key.join(', ')}) DO ${set ? `UPDATE SET ${set}` : 'NOTHING'}`;
  return async (client: Queryable, rows: readonly Row[]): Promise<void> => {
    if (rows.length > 0) await client.query(text, [JSON.stringify(rows)]);
  };
}

/** Builds the set-wise insert of one table, for rows of which none is there: an upsert looks for each first. */
export function createInsert(table: string, columns: readonly string[]) {
  const all = columns.join(', ');
  const text = `INSERT INTO ${table} (${all}) SELECT ${all} FROM json_populate_recordset(NULL::${table}, $1::json)`;
  return async (client: Queryable, rows: readonly Row[]): Promise<void> => {
    if (rows.length > 0) await client.query(text, [JSON.stringify(rows)]);
  };
}
