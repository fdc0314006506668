import type { ClickHouse } from '@switchboard/clickhouse';

/**
 * The limit of the ClickHouse half: the same facts, one insert per kind into one empty table of the same shape, without
 * views.
 */
export async function insertFacts(
  clickhouse: ClickHouse,
  kinds: readonly string[],
  say: (line: string) => void,
): Promise<{ rows: number; seconds: number }> {
  let [rows, seconds] = [0, 0];
  for (const kind of kinds) {
    const inserted = await insertKind(clickhouse, kind);
    rows += inserted.rows;
    seconds += inserted.seconds;
  }
  say(`inserts of ${rows} facts in ${seconds.toFixed(2)} s`);
  return { rows, seconds };
}

async function insertKind(clickhouse: ClickHouse, kind: string): Promise<{ rows: number; seconds: number }> {
  const [newest] = await clickhouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND match(name, {pattern:String})
     ORDER BY toUInt32(extract(name, '[0-9]+$')) DESC LIMIT 1`,
    { pattern: `^fact_${kind}_e[0-9]+$` },
  );
  if (!newest) throw new Error(`there is no table of ${kind} facts`);
  const lines = (await clickhouse.query<object>(`SELECT * FROM ${newest.name}`)).map((row) =>
    JSON.stringify(row),
  );
  await clickhouse.command('DROP TABLE IF EXISTS bench_facts');
  await clickhouse.command(`CREATE TABLE bench_facts AS ${newest.name}`);
  try {
    const body = lines.join('\n');
    const begunAt = performance.now();
    await clickhouse.insertBytes('INSERT INTO bench_facts FORMAT JSONEachRow', body, { async_insert: 0 });
    return { rows: lines.length, seconds: (performance.now() - begunAt) / 1_000 };
  } finally {
    await clickhouse.command('DROP TABLE IF EXISTS bench_facts');
  }
}
