import { createHash } from 'node:crypto';
import { uuidV5 } from '@switchboard/domain/ids';
import { createSealer } from '@switchboard/platform';
import { type Client, createPool, withTenant } from '@switchboard/postgres';
import { demoClinic, demoPatients, demoPractitioners } from './demo-clinic.ts';
import { hashPassword } from './password-hash.ts';
import type { Secrets } from './secrets.ts';

/** The same in every installation, so that a URL or a query written down works in all of them. */
export const demoTenantId = uuidV5('demo-tenant', demoClinic.slug);

/** What an API key may do. */
const scopes = [
  'analytics:read',
  'calls:read',
  'records:read',
  'records:write',
  'events:write',
  'voice:tools',
  'operations:read',
  'operations:write',
  'admin',
] as const;

interface Row {
  [column: string]: unknown;
}

/**
 * Puts the demo clinic into a migrated database. Done again, it changes nothing but the credentials, which become
 * those given.
 *
 * @param adminUrl of a user that may write all tables.
 */
export async function seedDemoTenant(adminUrl: string, secrets: Secrets): Promise<void> {
  const pool = createPool({ url: adminUrl, applicationName: 'switchboard-seed', max: 1 });
  try {
    await withTenant(pool, demoTenantId, async (client) => {
      await seedTenant(client);
      await seedCredentials(client, secrets);
      await seedClinic(client);
      await seedPatients(client);
    });
  } finally {
    await pool.end();
  }
}

async function seedTenant(client: Client): Promise<void> {
  const { slug, name, timeZone, country, locale } = demoClinic;
  await client.query(
    `INSERT INTO tenants (id, slug, name, time_zone, country, locale, webhook_modes)
     VALUES ($1, $2, $3, $4, $5, $6, '{standard,zoice,vapi,retell}') ON CONFLICT DO NOTHING`,
    [demoTenantId, slug, name, timeZone, country, locale],
  );
  await insert(client, 'tenant_numbers', 'number text, channel text', [...demoClinic.numbers]);
}

async function seedCredentials(client: Client, secrets: Secrets): Promise<void> {
  const sealer = createSealer(Buffer.from(secrets.secretsKey, 'base64'));
  const seal = (secret: string) => sealer.seal(Buffer.from(secret));
  for (const [kind, secret] of [
    ['voice', secrets.webhookSecret],
    ['twilio', secrets.twilioAuthToken],
  ] as const) {
    await client.query(
      `INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, id) DO UPDATE SET sealed = excluded.sealed`,
      [demoTenantId, idOf('webhook-secret', kind), kind, seal(secret)],
    );
  }
  await client.query(
    `INSERT INTO users (tenant_id, id, email, display_name, role, password_hash) VALUES ($1, $2, $3, $4, 'owner', $5)
     ON CONFLICT (tenant_id, id) DO UPDATE SET password_hash = excluded.password_hash`,
    [
      demoTenantId,
      idOf('user', demoClinic.ownerEmail),
      demoClinic.ownerEmail,
      demoClinic.ownerName,
      hashPassword(secrets.loginPassword),
    ],
  );
  await seedApiKey(client, 'Demo', secrets.apiKey, scopes);
  await seedApiKey(client, 'Voice agent', secrets.voiceAgentApiKey, ['voice:tools']);
}

async function seedApiKey(
  client: Client,
  name: string,
  key: string,
  granted: readonly string[],
): Promise<void> {
  const [, keyId, secret = ''] = key.split('_');
  const hash = createHash('sha256').update(secret).digest();
  await client.query(
    `INSERT INTO api_keys (tenant_id, id, key_id, secret_hash, name, scopes) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (tenant_id, id) DO UPDATE
     SET key_id = excluded.key_id, secret_hash = excluded.secret_hash, scopes = excluded.scopes, revoked_at = null`,
    [demoTenantId, idOf('api-key', name), keyId, hash, name, granted],
  );
}

async function seedClinic(client: Client): Promise<void> {
  const { timeZone, locations, departments, appointmentTypes } = demoClinic;
  await insert(
    client,
    'locations',
    'id uuid, name text, time_zone text',
    locations.map((name) => ({ id: idOf('location', name), name, time_zone: timeZone })),
  );
  await insert(
    client,
    'departments',
    'id uuid, name text',
    departments.map((name) => ({ id: idOf('department', name), name })),
  );
  await insert(
    client,
    'appointment_types',
    'id uuid, name text, duration_minutes int, buffer_after_minutes int, lead_time_minutes int',
    appointmentTypes.map(({ name, minutes, bufferAfter, leadTime }) => ({
      id: idOf('appointment-type', name),
      name,
      duration_minutes: minutes,
      buffer_after_minutes: bufferAfter,
      lead_time_minutes: leadTime,
    })),
  );
  await insert(
    client,
    'practitioners',
    'id uuid, display_name text, specialty text, department_id uuid',
    demoPractitioners.map(({ name, specialty, department }) => ({
      id: idOf('practitioner', name),
      display_name: name,
      specialty,
      department_id: idOf('department', department),
    })),
  );
  await insert(
    client,
    'practitioner_schedules',
    'id uuid, practitioner_id uuid, location_id uuid, weekday smallint, starts time, ends time',
    demoPractitioners.flatMap(({ name, hours }) =>
      hours.flatMap(({ location, weekdays, starts, ends }) =>
        weekdays.map((weekday) => ({
          id: idOf('schedule', name, location, String(weekday), starts),
          practitioner_id: idOf('practitioner', name),
          location_id: idOf('location', location),
          weekday,
          starts,
          ends,
        })),
      ),
    ),
  );
}

async function seedPatients(client: Client): Promise<void> {
  const patients = demoPatients.map(([first, last, born, phone]) => ({
    id: idOf('patient', first, last, born),
    first_name: first,
    last_name: last,
    date_of_birth: born,
    origin: 'desk',
    phone,
  }));
  await insert(
    client,
    'patients',
    'id uuid, first_name text, last_name text, date_of_birth date, origin text',
    patients,
  );
  await insert(
    client,
    'patient_identifiers',
    'patient_id uuid, kind text, value text',
    patients.map(({ id, phone }) => ({ patient_id: id, kind: 'phone', value: phone })),
  );
}

/** Inserts rows that are not there yet; `columns` names them with their types. */
async function insert(client: Client, table: string, columns: string, rows: readonly Row[]): Promise<void> {
  const names = columns
    .split(', ')
    .map((column) => column.split(' ')[0])
    .join(', ');
  await client.query(
    `INSERT INTO ${table} (tenant_id, ${names})
     SELECT $1, ${names} FROM jsonb_to_recordset($2) AS row (${columns})
     ON CONFLICT DO NOTHING`,
    [demoTenantId, JSON.stringify(rows)],
  );
}

function idOf(...names: string[]): string {
  return uuidV5('demo', demoClinic.slug, ...names);
}
