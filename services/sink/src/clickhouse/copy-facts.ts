import { factTables } from '@switchboard/clickhouse';
import type { BlockInserter } from '@switchboard/clickhouse/blocks/insert-block';
import type { Queryable } from '@switchboard/postgres';
import { listTenants, readFactPages, seeTenant } from '@switchboard/postgres/blocks/fact-pages';

/** Rows that one insert gathers, over tenants. */
const batchRows = 20_000;

/**
 * Copies what is stated now, as a reader's snapshot has it, into tables of ClickHouse that have a fact's columns.
 * @returns rows copied
 */
export async function copyFacts(
  reader: Queryable,
  inserter: BlockInserter,
  tableOf: (factName: string) => string,
): Promise<number> {
  const tenants = await listTenants(reader);
  let copied = 0;
  for (const fact of factTables) {
    let batch: string[] = [];
    let rows = 0;
    const flush = async () => {
      if (batch.length > 0) await inserter.insertLines(tableOf(fact.name), batch.join('\n'));
      copied += rows;
      batch = [];
      rows = 0;
    };
    for (const { tenantId } of tenants) {
      await seeTenant(reader, tenantId);
      for await (const page of readFactPages(reader, tenantId, fact.kind)) {
        batch.push(page.lines);
        rows += page.rows;
        if (rows >= batchRows) await flush();
      }
    }
    await flush();
  }
  return copied;
}
