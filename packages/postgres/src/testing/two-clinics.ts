import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '@switchboard/testkit/database';
import { seedMessages } from './two-clinics-messages.ts';

/** Makes two clinics, each with a row or more in every tenant's table. @returns their ids */
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
  const insert = createInsert(admin, tenant);
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
  await insert(
    'audit_seals',
    'number, first_id, last_id, rows, row_ids, previous_hash, hash, sealed_at',
    1,
    1,
    1,
    1,
    [1],
    Buffer.alloc(0),
    Buffer.alloc(32),
    now,
  );
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
  await insert(
    'schedule_exceptions',
    'id, practitioner_id, kind, local_date',
    randomUUID(),
    practitioner,
    'closed',
    '2026-12-25',
  );
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
  await insert('stored_files', 'id, key_id, sealed_key', randomUUID(), 'k', bytes);
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
  await insert('stale_owners', 'records, owner_kind, owner_id', 'appointments', 'practitioner', practitioner);
  await insert('fact_current', 'kind, entity_id, basis, statement_version', 'voice_call', call, 'started', 1);
  await insert('outbox', 'shard, kind, event_id, sign, line', 0, 'voice_call', event, 1, '{}');
  await insert('tenant_watermarks', 'block, done_at', 1, now);
  await seedRecords(insert, { patient, practitioner, conversation, call });
}

function fiveIds(): [string, string, string, string, string] {
  return [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
}

type Insert = ReturnType<typeof createInsert>;

function createInsert(admin: TestDatabase['admin'], tenant: string) {
  return (table: string, columns: string, ...values: unknown[]) =>
    admin.query(
      `INSERT INTO ${table} (tenant_id, ${columns}) VALUES ($1, ${values.map((_, at) => `$${at + 2}`).join(', ')})`,
      [tenant, ...values],
    );
}

interface Seeded {
  patient: string;
  practitioner: string;
  conversation: string;
  call: string;
}

/** Appointments, journeys, messages, webhooks: what came after calls. */
async function seedRecords(insert: Insert, seeded: Seeded): Promise<void> {
  const { patient, practitioner, conversation, call } = seeded;
  const absorbed = randomUUID();
  const [appointment, journey, message, endpoint, request] = fiveIds();
  const [starts, ends] = ['2026-12-01T10:00:00Z', '2026-12-01T10:30:00Z'];
  await insert('patients', 'id, origin, status, merged_into', absorbed, 'desk', 'merged', patient);
  await insert('patient_merges', 'id, survivor_id, absorbed_id', randomUUID(), patient, absorbed);
  await insert(
    'match_reviews',
    'id, entity_kind, entity_id, candidates',
    randomUUID(),
    'voice_call',
    call,
    '[]',
  );
  await insert(
    'appointments',
    'id, practitioner_id, status, starts_at, ends_at, channel',
    appointment,
    practitioner,
    'scheduled',
    starts,
    ends,
    'desk',
  );
  await insert(
    'appointment_history',
    'appointment_id, version, change, occurred_at, actor_kind, status, starts_at, ends_at',
    appointment,
    1,
    'booked',
    starts,
    'system',
    'scheduled',
    starts,
    ends,
  );
  await insert(
    'record_states',
    'kind, numbering, external_id, entity_id, state',
    'appointment',
    'clinic',
    'A-1',
    appointment,
    {},
  );
  await insert('booking_requests', 'id, kind, channel', request, 'book', 'voice');
  await insert('clinic_holidays', 'id, local_date', randomUUID(), '2026-12-25');
  await insert('voice_tool_uses', 'id, tool, ok, code, latency_ms', randomUUID(), 'slots', true, 'OK', 12);
  await insert('voice_tool_callers', 'call_ref, phone', 'c1', '+919800000000');
  await insert('journeys', 'id, journey_type, status', journey, 'recall', 'active');
  await insert('journey_steps', 'id, journey_id, name', randomUUID(), journey, 'S');
  await seedMessages(insert, { conversation, message, starts });
  await insert(
    'webhook_endpoints',
    'id, url, sealed_secret',
    endpoint,
    'https://a.example/hook',
    Buffer.from('s'),
  );
  await insert(
    'webhook_deliveries',
    'id, endpoint_id, event_type, entity_id, entity_version, body',
    randomUUID(),
    endpoint,
    'appointment.booked',
    appointment,
    1,
    {},
  );
}
