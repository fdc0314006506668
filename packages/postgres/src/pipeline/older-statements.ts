import type { Queryable } from '../pool.ts';

/** What statements of calls are made by today. */
export interface MadeBy {
  statementVersion: number;
  /** IANA name of the clinic's zone. */
  zone: string;
}

/**
 * Calls whose statement was made by older rules, or by today's in another zone. What newer rules stated is left to those
 * who have them. Only calls that have a record: nothing can be said of others.
 */
export async function findOlderStatements(
  client: Queryable,
  tenantId: string,
  { statementVersion, zone }: MadeBy,
  most: number,
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(olderSql, [tenantId, statementVersion, zone, most]);
  return rows.map((row) => row.id);
}

// Three ranges of one index, so that nothing is read where nothing is old.
const olderSql = [
  'statement_version < $2',
  'statement_version = $2 AND zone < $3',
  'statement_version = $2 AND zone > $3',
]
  .map(
    (range) => `(SELECT f.entity_id AS id FROM fact_current f
      JOIN voice_calls c ON c.tenant_id = f.tenant_id AND c.id = f.entity_id
      WHERE f.tenant_id = $1 AND f.kind = 'voice_call' AND f.statement IS NOT NULL AND ${range} LIMIT $4)`,
  )
  .join(' UNION ALL ')
  .concat(' LIMIT $4');
