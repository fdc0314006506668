import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '@switchboard/testkit/database';

/** Makes two clinics, each with a row in every tenant's table. @returns their ids */
export async function seedTwoClinics(database: TestDatabase): Promise<{ ours: string; theirs: string }> {
  const [ours, theirs] = [await database.addTenant(), await database.addTenant()];
  for (const tenant of [ours, theirs]) await seedRows(database, tenant);
  return { ours, theirs };
}

async function seedRows({ admin }: TestDatabase, tenant: string): Promise<void> {
  const [user, department, location, practitioner, patient] = fiveIds();
  const [conversation, call, event, key, other] = fiveIds();
  const phone = `+9198${Math.floor(Math.random() * 1e8)
    .toString()
    .padStart(8, '0')}`;
  const insert = (table: string, columns: string, ...values: unknown[]) =>
    admin.query(
      `INSERT INTO ${table} (tenant_id, ${columns}) VALUES ($1, ${values.map((_, at) => `$${at + 2}`).join(', ')})`,
      [tenant, ...values],
    );
  const now = new Date();
  const bytes = Buffer.from(randomUUID().replaceAll('-', ''));

  await insert('tenant_webhook_secrets', 'id, kind, sealed', randomUUID(), 'voice', bytes);
  await insert('tenant_numbers', 'number, channel', phone, 'voice');
  await insert(
    'users',
    'id, email, display_name, role, password_hash',
    user,
    `${user}@a.example`,
    'U',
    'owner',
    'x',
  );
  await insert('sessions', 'token_hash, user_id, expires_at', bytes, user, new Date(Date.now() + 3_600_000));
  await insert('api_keys', 'id, key_id, secret_hash, name, scopes', key, key.slice(0, 8), bytes, 'K', [
    'calls:read',
  ]);
  await insert('audit_log', 'actor_kind, actor_id, action', 'system', 'test', 'view');
  await insert('locations', 'id, name, time_zone', location, 'L', 'Asia/Kolkata');
  await insert('departments', 'id, name', department, 'D');
  await insert('practitioners', 'id, display_name, department_id', practitioner, 'P', department);
  await insert(
    'practitioner_schedules',
    'id, practitioner_id, location_id, weekday, starts, ends',
    randomUUID(),
    practitioner,
    location,
    1,
    '09:00',
    '17:00',
  );
  await insert('appointment_types', 'id, name, duration_minutes', randomUUID(), 'T', 15);
  await insert('patients', 'id, origin', patient, 'desk');
  await insert('patient_identifiers', 'patient_id, kind, value', patient, 'phone', phone);
  await insert(
    'match_decisions',
    'entity_kind, entity_id, decision, model_version',
    'voice_call',
    call,
    'new',
    '1',
  );
  await insert('conversations', 'id, channel', conversation, 'voice');
  await insert(
    'voice_calls',
    'id, source, external_id, direction, merge_state, began_at',
    call,
    'zoice',
    call,
    'inbound',
    {},
    now,
  );
  await insert(
    'voice_call_transcripts',
    'call_id, turn_index, speaker, text',
    call,
    0,
    'caller',
    `marker ${tenant}`,
  );
  await insert('voice_call_recordings', 'call_id', call);
  await insert(
    'voice_call_extractions',
    'call_id, extractor_version, event_id, required_fields, filled_fields, entities, redactions',
    call,
    '1',
    event,
    0,
    0,
    '[]',
    '[]',
  );
  await insert('voice_tool_calls', 'call_id, position, name', call, 0, 'available-slots');
  await insert('inbox', 'event_id', event);
  await insert(
    'dead_letters',
    'id, stage, reason, source, content_type, sealed, attempts, first_at, last_at',
    other,
    'sink',
    'row_refused',
    'zoice',
    'application/json',
    bytes,
    1,
    now,
    now,
  );
  await insert('fact_current', 'kind, entity_id, basis, statement_version', 'voice_call', call, 'started', 1);
  await insert('outbox', 'shard, kind, event_id, sign, line', 0, 'voice_call', event, 1, '{}');
  await insert('tenant_watermarks', 'block, done_at', 1, now);
}

function fiveIds(): [string, string, string, string, string] {
  return [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
}
