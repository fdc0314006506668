import type { ClickHouse } from '../client.ts';
import { publishedEpoch } from '../migrate/epochs.ts';
import { factTables } from './index.ts';

/** Statements of one event about one entity. */
export interface FoundFacts {
  kind: string;
  entityId: string;
  block: string;
  rows: number;
}

/** What ClickHouse holds of an event, of the pipeline's own probe too: read behind the public views. Ids are pseudonyms. */
export async function findFacts(clickhouse: ClickHouse, eventId: string): Promise<FoundFacts[]> {
  const epoch = await publishedEpoch(clickhouse);
  if (epoch === undefined) return [];
  const parts = factTables.map(
    ({ kind, name }) =>
      `SELECT '${kind}' AS kind, toString(entity_id) AS entityId, toString(block) AS block, toUInt32(count()) AS rows
       FROM ${name}_e${epoch} WHERE event_id = {event:UUID} GROUP BY entity_id, block`,
  );
  return clickhouse.query<FoundFacts>(
    `SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY block, kind, entityId`,
    { event: eventId },
  );
}
