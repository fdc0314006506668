import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
});

afterAll(() => database.drop());

/** Tables by the rights that a role has on them, e.g. `INSERT SELECT`. */
async function tablesOf(role: string): Promise<Record<string, string[]>> {
  const { rows } = await database.admin.query<{ rights: string; tables: string[] }>(
    `SELECT rights, array_agg(name ORDER BY name) AS tables FROM (
       SELECT c.relname::text AS name, string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type) AS rights
       FROM pg_class c, aclexplode(c.relacl) AS a
       WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = $1::regrole GROUP BY c.relname) AS t
     GROUP BY rights`,
    [role],
  );
  return Object.fromEntries(rows.map(({ rights, tables }) => [rights, tables]));
}

async function functionsOf(role: string): Promise<string[]> {
  const { rows } = await database.admin.query<{ name: string }>(
    `SELECT p.proname AS name FROM pg_proc p
     WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND has_function_privilege($1, p.oid, 'EXECUTE') ORDER BY 1`,
    [role],
  );
  return rows.map((row) => row.name);
}

async function mayRead(role: string, table: string, column: string): Promise<boolean | undefined> {
  const { rows } = await database.admin.query<{ may: boolean }>(
    `SELECT has_column_privilege($1, $2, $3, 'SELECT') AS may`,
    [role, table, column],
  );
  return rows[0]?.may;
}

describe('what each role may do', () => {
  it('ingest: learn the tenants and their keys, take again what it had set aside, and nothing else', async () => {
    expect(await tablesOf('switchboard_ingest')).toEqual({});
    expect(await functionsOf('switchboard_ingest')).toEqual([
      'claim_ingest_replays',
      'end_replays',
      'fail_replay',
      'ingest_api_keys',
      'ingest_tenants',
      'ingest_twilio',
      'tenant_quotas',
    ]);
  });

  it('enrich: read what a proposal needs, and write nothing but which events it has begun', async () => {
    expect(await tablesOf('switchboard_enrich')).toEqual({
      'DELETE INSERT SELECT UPDATE': ['in_flight', 'in_flight_attempts'],
      SELECT: ['patient_identifiers', 'patients', 'practitioners'],
    });
    expect(await functionsOf('switchboard_enrich')).toEqual(['tenant_settings']);
  });

  it('sink: write records, facts and blocks; read and seal the audit log; see no login', async () => {
    expect(await tablesOf('switchboard_sink')).toEqual({
      SELECT: [
        'audit_seals',
        'audit_unsealed',
        'clinic_holidays',
        'dead_letters',
        'tenant_numbers',
        'tenant_webhook_secrets',
        'voice_tool_uses',
        'webhook_endpoints',
      ],
      'INSERT SELECT': ['appointment_history', 'audit_log', 'block_shards', 'outbox'],
      'DELETE INSERT SELECT': ['inbox', 'told_messages'],
      'INSERT SELECT UPDATE': [
        'appointment_types',
        'booking_requests',
        'clickhouse_epochs',
        'conversation_messages',
        'conversations',
        'departments',
        'fact_current',
        'journey_steps',
        'journeys',
        'locations',
        'match_reviews',
        'message_media',
        'message_sends',
        'patient_merges',
        'practitioners',
        'reply_suggestions',
        'sender_paces',
        'vendor_listings',
        'voice_call_extractions',
        'voice_call_recordings',
        'voice_calls',
      ],
      'DELETE SELECT': ['block_payloads', 'conversation_notes', 'voice_tool_callers'],
      'DELETE SELECT UPDATE': ['blocks'],
      'DELETE INSERT SELECT UPDATE': [
        'appointments',
        'in_flight',
        'in_flight_attempts',
        'match_decisions',
        'patient_identifiers',
        'patients',
        'practitioner_schedules',
        'record_states',
        'schedule_exceptions',
        'stale_owners',
        'stored_files',
        'voice_call_transcripts',
        'voice_tool_calls',
        'webhook_deliveries',
      ],
    });
    expect(await functionsOf('switchboard_sink')).toEqual([
      'all_tenants',
      'audit_heads',
      'claim_replays',
      'dead_letter_tenants',
      'due_message_sends',
      'due_vendor_listings',
      'due_webhook_endpoints',
      'end_replays',
      'ensure_canary',
      'fail_replay',
      'find_event',
      'finish_block',
      'move_outbox',
      'outbox_traces',
      'records_naming',
      'reseal_secret',
      'seal_audit',
      'sealed_secrets',
      'shard_status',
      'store_dead_letter',
      'tenant_settings',
      'tenants_to_tidy',
      'tenants_with_files_due',
      'tenants_with_old_originals',
    ]);
  });

  it('api: read records; write bookings, conversations, patients, their facts, sessions and, for good, the audit log', async () => {
    const { SELECT: readable, ...written } = await tablesOf('switchboard_api');
    expect(written).toEqual({
      INSERT: ['api_keys', 'outbox', 'users'],
      'INSERT SELECT': [
        'appointment_history',
        'audit_log',
        'conversation_notes',
        'message_requests',
        'stored_files',
        'webhook_deliveries',
      ],
      'DELETE INSERT': ['tenant_webhook_secrets'],
      'DELETE INSERT SELECT': [
        'clinic_holidays',
        'practitioner_schedules',
        'schedule_exceptions',
        'sessions',
        'tenant_numbers',
      ],
      DELETE: ['webhook_endpoints'],
      'INSERT SELECT UPDATE': [
        'appointment_types',
        'booking_requests',
        'conversation_messages',
        'conversations',
        'fact_current',
        'match_decisions',
        'match_reviews',
        'message_media',
        'message_sends',
        'patient_merges',
        'patients',
        'reply_suggestions',
        'stale_owners',
        'voice_tool_callers',
        'voice_tool_uses',
      ],
      'DELETE INSERT SELECT UPDATE': ['appointments', 'patient_identifiers'],
    });
    for (const secret of ['users', 'api_keys', 'tenant_webhook_secrets', 'webhook_endpoints', 'outbox'])
      expect(readable).not.toContain(secret);
    for (const [table, shown, secret] of [
      ['webhook_endpoints', 'url', 'sealed_secret'],
      ['webhook_endpoints', 'url', 'previous_sealed_secret'],
      ['users', 'email', 'password_hash'],
      ['api_keys', 'key_id', 'secret_hash'],
      ['tenant_webhook_secrets', 'not_after', 'sealed'],
    ] as const) {
      expect([table, await mayRead('switchboard_api', table, shown)]).toEqual([table, true]);
      expect([table, await mayRead('switchboard_api', table, secret)]).toEqual([table, false]);
    }
    expect(await functionsOf('switchboard_api')).toEqual([
      'api_key_lookup',
      'login_lookup',
      'pipeline_shards',
      'search_calls',
      'search_messages',
      'search_patients_by_name',
      'search_patients_by_phone',
      'search_turns',
      'session_lookup',
      'tenant_freshness',
      'tenant_quotas',
      'tenant_settings',
    ]);
  });

  it('nobody: change or remove what the audit log and its seals say, the owner neither, should he give himself the right', async () => {
    const { rows } = await database.admin.query(
      `SELECT a.grantee::regrole::text AS role, a.privilege_type FROM pg_class c, aclexplode(c.relacl) AS a
       WHERE c.relname IN ('audit_log', 'audit_seals') AND a.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')`,
    );
    expect(rows).toEqual([]);
    for (const table of ['audit_log', 'audit_seals'])
      for (const change of [
        `UPDATE ${table} SET tenant_id = NULL`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
      ])
        await expect(database.admin.query(change)).rejects.toMatchObject({
          code: '42501',
          message: `${table} is append-only`,
        });
  });

  it('anybody else: nothing', async () => {
    const { rows } = await database.admin.query(
      `SELECT c.relname FROM pg_class c, aclexplode(c.relacl) AS a
       WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 0`,
    );
    expect(rows).toEqual([]);
    const { rows: functions } = await database.admin.query(
      `SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
       WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND a.grantee = 0`,
    );
    expect(functions).toEqual([]);
  });
});
