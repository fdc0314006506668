import type { ClickHouse } from '../client.ts';
import { rollupsOf } from '../facts/fact-table.ts';
import { rollupDifferenceSql } from './difference.ts';
import { type BlockPayload, findFact } from './insert-block.ts';

export interface BlockToCheck {
  number: number;
  tenants: readonly string[];
  payloads: readonly BlockPayload[];
}

/** What is wrong with a block in ClickHouse; an empty list: nothing. */
export type BlockFault = { table: string; expected: number; found: number };

/**
 * Compares a block with what ClickHouse holds of it: as many rows per fact table as its payload has, and daily and
 * hourly sums equal to the facts for every tenant and day it touches. Nobody else may insert for its tenants meanwhile.
 * The token alone can't be trusted: the engine logs it before it renames the part, so that after a kill between the
 * two a repeated insert answers OK and inserts nothing.
 */
export async function checkBlock(
  client: ClickHouse,
  epoch: number,
  block: BlockToCheck,
): Promise<BlockFault[]> {
  const faults: BlockFault[] = [];
  const params = { block: block.number, tenants: block.tenants };
  for (const payload of block.payloads) {
    const fact = findFact(payload.kind);
    const table = `${fact.name}_e${epoch}`;
    const ofBlock = `${table} WHERE tenant_id IN {tenants:Array(UUID)} AND block = {block:UInt64}`;
    const [row] = await client.query<{ n: string }>(`SELECT count() AS n FROM ${ofBlock}`, params);
    const found = Number(row?.n ?? 0);
    if (found !== payload.rows) {
      faults.push({ table, expected: payload.rows, found });
      continue;
    }
    const touched = `(tenant_id, basis, local_date) IN (SELECT tenant_id, basis, local_date FROM ${ofBlock})`;
    for (const rollup of rollupsOf(fact)) {
      const sql = rollupDifferenceSql(
        fact,
        rollup,
        epoch,
        `tenant_id IN {tenants:Array(UUID)} AND ${touched}`,
      );
      const [differing] = await client.query<{ n: string }>(`SELECT count() AS n FROM (${sql})`, params);
      const keys = Number(differing?.n ?? 0);
      if (keys > 0)
        faults.push({ table: `${fact.rollup}_${rollup.span}_e${epoch}`, expected: 0, found: keys });
    }
  }
  return faults;
}

/** The highest block that ClickHouse holds facts of, over all kinds; 0: none. */
export async function highestBlock(
  client: ClickHouse,
  epoch: number,
  kinds: readonly string[],
): Promise<number> {
  const highest = await Promise.all(
    kinds.map(async (kind) => {
      const [row] = await client.query<{ n: string }>(
        `SELECT max(block) AS n FROM ${findFact(kind).name}_e${epoch}`,
      );
      return Number(row?.n ?? 0);
    }),
  );
  return Math.max(0, ...highest);
}
