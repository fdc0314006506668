import type { ClickHouse } from '@switchboard/clickhouse';

/** The limit of the ClickHouse half: the same facts in one insert into one empty table of the same shape, without views. */
export async function insertFacts(
  clickhouse: ClickHouse,
  say: (line: string) => void,
): Promise<{ rows: number; seconds: number }> {
  const [newest] = await clickhouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND match(name, '^fact_voice_call_e[0-9]+$')
     ORDER BY toUInt32(extract(name, '[0-9]+$')) DESC LIMIT 1`,
  );
  if (!newest) throw new Error('there is no fact table');
  const lines = (await clickhouse.query<object>(`SELECT * FROM ${newest.name}`)).map((row) =>
    JSON.stringify(row),
  );
  await clickhouse.command('DROP TABLE IF EXISTS bench_facts');
  await clickhouse.command(`CREATE TABLE bench_facts AS ${newest.name}`);
  try {
    const body = lines.join('\n');
    const begunAt = performance.now();
    await clickhouse.insertBytes('INSERT INTO bench_facts FORMAT JSONEachRow', body, { async_insert: 0 });
    const seconds = (performance.now() - begunAt) / 1_000;
    say(`one insert of ${lines.length} facts in ${seconds.toFixed(2)} s`);
    return { rows: lines.length, seconds };
  } finally {
    await clickhouse.command('DROP TABLE IF EXISTS bench_facts');
  }
}
