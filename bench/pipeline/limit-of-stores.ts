import type { Stores } from '@switchboard/testkit/open-stores';
import { type Result, round } from '../report.ts';
import { copyRows } from './copy-rows.ts';
import { insertFacts } from './insert-facts.ts';

export interface Written {
  /** Tables of Postgres that the sink wrote. */
  tables: readonly string[];
  /** Kinds of facts that it stated. */
  kinds: readonly string[];
  /** How many of the bench's unit that were, and how long all of it took. */
  count: number;
  seconds: number;
}

export interface StoresLimit extends Required<Pick<Result, 'reference' | 'ratio'>> {
  figures: Record<'copy_rows' | 'copy_seconds' | 'insert_facts' | 'insert_seconds', number>;
}

/** What both stores do at most with the rows and facts that are in them, as a result's reference. */
export async function measureLimit(
  { postgres, clickhouse }: Stores,
  { tables, kinds, count, seconds }: Written,
  say: (line: string) => void,
): Promise<StoresLimit> {
  const copied = await copyRows(postgres, tables, say);
  const inserted = await insertFacts(clickhouse, kinds, say);
  const limit = copied.seconds + inserted.seconds;
  return {
    reference: {
      what: 'COPY of the same Postgres rows into empty tables, then one insert of the same facts of a kind into ClickHouse',
      per_second: round(count / limit, 0),
    },
    ratio: round(limit / seconds, 4),
    figures: {
      copy_rows: copied.rows,
      copy_seconds: round(copied.seconds),
      insert_facts: inserted.rows,
      insert_seconds: round(inserted.seconds, 3),
    },
  };
}
