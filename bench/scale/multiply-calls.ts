import type { Client, Pool } from '@switchboard/postgres';

/** What the sink writes of a call. */
const tables = [
  'inbox',
  'patients',
  'patient_identifiers',
  'conversations',
  'voice_calls',
  'voice_call_transcripts',
  'voice_call_extractions',
  'voice_call_recordings',
  'voice_tool_calls',
  'match_decisions',
  'match_reviews',
  'fact_current',
];
/** They name a row of these tables; all other ids (of practitioners, of who decided) stay. */
const ownIds = [
  'id',
  'event_id',
  'call_id',
  'patient_id',
  'original_patient_id',
  'origin_call_id',
  'name_call_id',
  'conversation_id',
  'entity_id',
];
const phones = ['from_number', 'to_number', 'contact_phone', 'value'];
/** When something happened; times of rows themselves stay. */
const times = [
  'began_at',
  'counted_from',
  'started_at',
  'answered_at',
  'ended_at',
  'last_inbound_at',
  'last_message_at',
];

/** Copies of one row by one statement; n is 1, 2, … */
const copyOf: Readonly<Record<string, (column: string) => string>> = {
  ...Object.fromEntries(
    ownIds.map((name) => [
      name,
      (column) =>
        `overlay(overlay(md5(${column}::text || n) placing '4' from 13 for 1) placing '8' from 17 for 1)::uuid`,
    ]),
  ),
  ...Object.fromEntries(
    phones.map((name) => [
      name,
      (column) =>
        `CASE WHEN ${column} ~ '^\\+\\d{10,}$' THEN left(${column}, -7) || lpad((abs(hashtextextended(${column}, n)) % 10000000)::text, 7, '0') ELSE ${column} END`,
    ]),
  ),
  ...Object.fromEntries(times.map((name) => [name, (column) => `${column} - n * interval '1 day'`])),
  external_id: (column) => `${column} || '-' || n`,
  statement: (column) => `${column} || jsonb_strip_nulls(jsonb_build_object(
    'local_date', (${column}->>'local_date')::date - n,
    'hour_start', to_char((${column}->>'hour_start')::timestamp - n * interval '1 day', 'YYYY-MM-DD HH24:MI:SS'),
    'occurred_at', to_char((${column}->>'occurred_at')::timestamp - n * interval '1 day', 'YYYY-MM-DD HH24:MI:SS.MS')))`,
};

/**
 * Makes every call that is there so many times more, each on a day of its own before, with its caller, turns, facts and
 * the mark that its event was seen: by one statement a table, with the indexes made anew afterwards. ClickHouse gets its
 * part by a rebuild. Nobody else may write meanwhile.
 */
export async function multiplyCalls(
  postgres: Pool,
  copies: number,
  say: (line: string) => void,
): Promise<void> {
  const client = await postgres.connect();
  try {
    await client.query(`SET session_replication_role = 'replica'; SET maintenance_work_mem = '512MB'`);
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
       WHERE t.relname = ANY ($1) AND t.relnamespace = 'public'::regnamespace
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)`,
      [tables],
    );
    await client.query('BEGIN');
    for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
    for (const table of tables) {
      const rows = await multiply(client, table, copies);
      say(`${table}: ${rows} rows more`);
    }
    for (const { definition } of indexes) await client.query(definition);
    await client.query('COMMIT');
    for (const table of tables) await client.query(`VACUUM (ANALYZE) ${table}`);
    await client.query('CHECKPOINT');
  } finally {
    client.release(true);
  }
}

async function multiply(client: Client, table: string, copies: number): Promise<number> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' AND is_identity = 'NO'
     ORDER BY ordinal_position`,
    [table],
  );
  const columns = rows.map(({ name }) => name);
  const copied = columns.map((name) => copyOf[name]?.(`s.${name}`) ?? `s.${name}`);
  const { rowCount } = await client.query(
    `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${copied.join(', ')} FROM ${table} s CROSS JOIN generate_series(1, $1::int) AS n`,
    [copies],
  );
  return rowCount ?? 0;
}
