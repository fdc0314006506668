import type { Pool } from '../../pool.ts';

/** The most of these many rows belong to the first tenant; the others see to it that a tenant is not the whole table. */
export interface ManyRows {
  tenant: string;
  other: string;
  /** Rows by table; a table that is not named stays empty. */
  rows: Readonly<Record<string, number>>;
}

interface Column {
  name: string;
  type: string;
  required: boolean;
  has_default: boolean;
  indexed: boolean;
}

/** One of the few ids that every reference draws from, as SQL. */
export const someId = `md5('entity17')::uuid`;
export const somePhone = '+910000000017';

/**
 * What a column holds in row `n`, where its type and name don't tell. The rest: keys are unique, references draw from a
 * few thousand ids, words from what a check allows, times from 2026.
 */
const overrides: Readonly<Record<string, string>> = {
  'voice_calls.contact_phone': `'+91' || lpad((n % 5000)::text, 10, '0')`,
  'voice_calls.intent': `CASE WHEN n % 1000 = 0 THEN 'rare' ELSE 'book_appointment' END`,
  'voice_calls.outcome': `CASE WHEN n % 1000 = 0 THEN 'rare' ELSE 'booked' END`,
  'voice_calls.status': `CASE WHEN n % 1000 = 0 THEN 'in_progress' ELSE 'completed' END`,
  'conversations.channel': `CASE WHEN n % 2 = 0 THEN 'whatsapp' ELSE 'voice' END`,
  'conversations.contact_phone': `'+91' || lpad((n % 5000)::text, 10, '0')`,
  'conversations.state': `CASE WHEN n % 100 = 0 THEN 'open' ELSE 'resolved' END`,
  'conversations.unread': 'CASE WHEN n % 200 = 0 THEN 2 ELSE 0 END',
  'conversation_messages.kind': `CASE WHEN n % 100 = 0 THEN 'reaction' ELSE 'text' END`,
  'conversation_messages.status': `CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'read' END`,
  'conversation_messages.body': 'NULL',
  'patients.date_of_birth': `date '1940-01-01' + (n % 25000)`,
  'patients.merged_into': `CASE WHEN n % 50 = 0 THEN md5('entity' || (n % 5000))::uuid END`,
  'patients.status': `CASE WHEN n % 50 = 0 THEN 'merged' ELSE 'active' END`,
  'patient_identifiers.kind': `'phone'`,
  'patient_identifiers.value': `'+91' || lpad((n % 50000)::text, 10, '0')`,
  'patient_identifiers.patient_id': `md5('patients' || n)::uuid`,
  'patient_merges.survivor_id': `md5('entity' || (n % 5000))::uuid`,
  'patient_merges.absorbed_id': `md5('absorbed' || n)::uuid`,
  'match_decisions.entity_id': `md5('decided' || n)::uuid`,
  'match_decisions.decision': `CASE WHEN n % 500 = 0 THEN 'review' ELSE 'link' END`,
  'match_reviews.entity_id': `md5('decided' || n)::uuid`,
  'match_reviews.entity_kind': `'voice_call'`,
  'match_reviews.state': `CASE WHEN n % 100 = 0 THEN 'open' ELSE 'new' END`,
  'match_reviews.decided_at': `CASE WHEN n % 100 = 0 THEN NULL ELSE now() END`,
  'appointments.practitioner_id': `md5('entity' || (n % 50))::uuid`,
  'appointments.status': `CASE WHEN n % 500 = 0 THEN 'held' ELSE 'scheduled' END`,
  'appointments.hold_expires_at': `CASE WHEN n % 500 = 0 THEN timestamptz '2030-01-01' + n * interval '1 s' END`,
  'appointments.starts_at': `timestamptz '2026-01-01Z' + (n / 50) * interval '20 min'`,
  'appointments.ends_at': `timestamptz '2026-01-01Z' + (n / 50) * interval '20 min' + interval '15 min'`,
  'appointments.during': `tstzrange(timestamptz '2026-01-01Z' + (n / 50) * interval '20 min', timestamptz '2026-01-01Z' + (n / 50) * interval '20 min' + interval '15 min')`,
  'appointments.conflict': 'n % 1000 = 1',
  'appointments.call_id': `md5('called' || n)::uuid`,
  'appointments.confirmation_code': `'C-' || n`,
  'appointments.tool_call_id': `'t1'`,
  'appointments.cancelled_by': 'NULL',
  'booking_requests.state': `CASE WHEN n % 100 = 0 THEN 'open' ELSE 'fulfilled' END`,
  'booking_requests.closed_at': `CASE WHEN n % 100 = 0 THEN NULL ELSE now() END`,
  'voice_tool_uses.call_ref': `'x-' || (n % 5000)`,
  'voice_tool_uses.use_key': `'x-' || n`,
  'journeys.status': `CASE WHEN n % 500 = 0 THEN 'paused' ELSE 'active' END`,
  'message_media.message_id': `md5('media' || n)::uuid`,
  'message_media.state': `CASE WHEN n % 500 = 0 THEN 'pending' ELSE 'stored' END`,
  'message_media.file_id': `CASE WHEN n % 500 <> 0 THEN md5('entity' || (n % 5000))::uuid END`,
  'message_sends.message_id': `md5('sends' || n)::uuid`,
  'message_sends.state': `CASE WHEN n % 500 = 0 THEN 'queued' ELSE 'sent' END`,
  'message_sends.sending_since': 'NULL',
  'vendor_listings.vendor': `'twilio'`,
  'voice_call_recordings.call_id': `md5('recorded' || n)::uuid`,
  'voice_call_recordings.state': `CASE WHEN n % 500 = 0 THEN 'pending' ELSE 'stored' END`,
  'voice_call_recordings.file_id': `CASE WHEN n % 500 <> 0 THEN md5('entity' || (n % 5000))::uuid END`,
  'voice_call_recordings.source_url': `'https://cdn.example/' || n`,
  'stored_files.state': `CASE WHEN n % 500 = 0 THEN 'writing' ELSE 'stored' END`,
  'stored_files.variant': `CASE WHEN n % 3 = 0 THEN 'original' WHEN n % 3 = 1 THEN 'view' ELSE 'thumbnail' END`,
  'stored_files.original_id': `CASE WHEN n % 3 > 0 THEN md5('original' || n / 3)::uuid END`,
  'stored_files.content_type': `'image/jpeg'`,
  'stored_files.size_bytes': '1',
  'stored_files.reading': `CASE WHEN n % 300 = 0 THEN 'pending' ELSE 'done' END`,
  'fact_current.entity_id': `md5('stated' || n)::uuid`,
  'fact_current.kind': `'voice_call'`,
  'fact_current.statement': `'{}'`,
  'fact_current.statement_version': '1',
  'dead_letters.state': `CASE WHEN n % 100 = 0 THEN 'open' WHEN n % 100 = 1 THEN 'replaying' ELSE 'replayed' END`,
  'webhook_deliveries.state': `CASE WHEN n % 500 = 0 THEN 'pending' ELSE 'delivered' END`,
  'webhook_deliveries.entity_version': 'n::int',
  'appointment_types.fee_minor': 'NULL',
  'appointment_types.fee_currency': 'NULL',
  'practitioner_schedules.weekday': '(1 + n % 7)::smallint',
  'practitioner_schedules.starts': `time '09:00'`,
  'practitioner_schedules.ends': `time '17:00'`,
  'schedule_exceptions.kind': `'closed'`,
  'schedule_exceptions.starts': `time '09:00'`,
  'schedule_exceptions.ends': `time '17:00'`,
  'locations.time_zone': `'Asia/Kolkata'`,
  'sessions.token_hash': `sha256(n::text::bytea)`,
  'users.email': `'u' || n || '@a.example'`,
};

/** Fills tables without their triggers and foreign keys, and gathers statistics. @param admin a superuser's */
export async function seedMany(admin: Pool, { tenant, other, rows }: ManyRows): Promise<void> {
  for (const [table, count] of Object.entries(rows)) {
    const columns = await columnsOf(admin, table);
    const allowed = await allowedWords(admin, table);
    const filled = columns.flatMap((column) => {
      const value = expressionOf(table, column, allowed);
      return value === null ? [] : [{ name: column.name, value }];
    });
    const client = await admin.connect();
    try {
      await client.query('BEGIN');
      await client.query(`SET LOCAL session_replication_role = 'replica'`);
      await client.query(`SET LOCAL statement_timeout = '10min'`);
      await client.query(
        `INSERT INTO ${table} (${filled.map(({ name }) => `"${name}"`).join(', ')}) OVERRIDING SYSTEM VALUE
         SELECT ${filled.map(({ value }) => value).join(', ')}
         FROM generate_series(1, ${count}) AS n
         CROSS JOIN LATERAL (SELECT CASE WHEN n % 10 = 9 THEN '${other}'::uuid ELSE '${tenant}'::uuid END AS tenant) AS t`,
      );
      await client.query('COMMIT');
      await client.query(`ANALYZE ${table}`);
    } finally {
      client.release(true);
    }
  }
}

function expressionOf(table: string, column: Column, allowed: ReadonlyMap<string, string[]>): string | null {
  const { name, type, required, has_default, indexed } = column;
  const override = overrides[`${table}.${name}`];
  if (override !== undefined) return override;
  if (name === 'tenant_id') return 'tenant';
  if (name === 'id') return type === 'uuid' ? `md5('${table}' || n)::uuid` : 'n';
  if (!indexed && (!required || has_default)) return null;
  const words = allowed.get(name);
  if (words) return `(ARRAY[${words.map((word) => `'${word}'`).join(', ')}])[1 + n % ${words.length}]`;
  if (name === 'source') return `'emr'`;
  return byType(type);
}

function byType(type: string): string {
  switch (type) {
    case 'uuid':
      return `md5('entity' || (n % 5000))::uuid`;
    case 'text':
      return `'x-' || n`;
    case 'timestamp with time zone':
      return `timestamptz '2026-01-01Z' + n * interval '1 min'`;
    case 'date':
      return `date '2026-01-01' + (n % 365)`;
    case 'jsonb':
      return `'{}'::jsonb`;
    case 'bytea':
      return `decode(md5(n::text), 'hex')`;
    case 'text[]':
      return `'{}'::text[]`;
    case 'boolean':
      return 'false';
    default:
      return `(n % 30000)::${type}`;
  }
}

async function columnsOf(admin: Pool, table: string): Promise<Column[]> {
  const { rows } = await admin.query<Column>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required, a.atthasdef AS has_default,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND a.attnum = ANY (i.indkey)) AS indexed
     FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [table],
  );
  return rows;
}

/** What a column's own check allows: `status = ANY (ARRAY['a'::text, …])`. */
async function allowedWords(admin: Pool, table: string): Promise<Map<string, string[]>> {
  const { rows } = await admin.query<{ name: string; definition: string }>(
    `SELECT a.attname AS name, pg_get_constraintdef(k.oid) AS definition FROM pg_constraint k
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]
     WHERE k.conrelid = $1::regclass AND k.contype = 'c'`,
    [table],
  );
  return new Map(
    rows.flatMap(({ name, definition }) => {
      const words = [...definition.matchAll(/'([^']+)'::text/g)].flatMap(([, word]) => (word ? [word] : []));
      return definition.includes('= ANY') && words.length > 0 ? [[name, words] as const] : [];
    }),
  );
}
