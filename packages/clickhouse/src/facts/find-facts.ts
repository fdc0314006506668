import type { ClickHouse } from '../client.ts';
import { factTables } from './index.ts';

/** Statements of one event about one entity. */
export interface FoundFacts {
  kind: string;
  entityId: string;
  block: string;
  rows: number;
}

/** What ClickHouse holds of an event. Ids are pseudonyms. */
export async function findFacts(clickhouse: ClickHouse, eventId: string): Promise<FoundFacts[]> {
  const parts = factTables.map(
    ({ kind, name }) =>
      `SELECT '${kind}' AS kind, toString(entity_id) AS entityId, toString(block) AS block, toUInt32(count()) AS rows
       FROM ${name} WHERE event_id = {event:UUID} GROUP BY entity_id, block`,
  );
  return clickhouse.query<FoundFacts>(
    `SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY block, kind, entityId`,
    { event: eventId },
  );
}
