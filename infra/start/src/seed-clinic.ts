import { uuidV5 } from '@switchboard/domain/ids';
import { createSealer, hashPassword, storedApiKey } from '@switchboard/platform';
import { type Client, createPool, withTenant } from '@switchboard/postgres';
import { addTenantNumbers, insertTenant } from '@switchboard/postgres/tenancy/tenants';
import { demoClinic, type SeededClinic } from './demo-clinic.ts';
import type { Secrets } from './secrets.ts';

/** Of a clinic that is put into a database; the same in every installation, so that a URL or a query written down works in all of them. */
export function seededTenantId(slug: string): string {
  return uuidV5('demo-tenant', slug);
}

export const demoTenantId = seededTenantId(demoClinic.slug);

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

/** What a clinic is reached with. */
export type ClinicSecrets = Pick<
  Secrets,
  'secretsKey' | 'webhookSecret' | 'twilioAuthToken' | 'apiKey' | 'voiceAgentApiKey' | 'loginPassword'
>;

interface Row {
  [column: string]: unknown;
}

/**
 * Puts a clinic into a migrated database. Done again, it changes nothing but the credentials, which become those given.
 *
 * @param adminUrl of a user that may write all tables.
 */
export async function seedClinic(
  adminUrl: string,
  clinic: SeededClinic,
  secrets: ClinicSecrets,
): Promise<void> {
  const pool = createPool({ url: adminUrl, applicationName: 'switchboard-seed', max: 1 });
  try {
    const id = seededTenantId(clinic.slug);
    await withTenant(pool, id, async (client) => {
      await insertTenant(client, { ...clinic, id });
      await addTenantNumbers(client, id, clinic.numbers);
      await seedCredentials(client, clinic, secrets);
      await seedPlaces(client, clinic);
      await seedPractitioners(client, clinic);
      await seedPatients(client, clinic);
    });
  } finally {
    await pool.end();
  }
}

async function seedCredentials(
  client: Client,
  { slug, ownerEmail, ownerName }: SeededClinic,
  secrets: ClinicSecrets,
): Promise<void> {
  const id = seededTenantId(slug);
  const sealer = createSealer(Buffer.from(secrets.secretsKey, 'base64'));
  const seal = (secret: string) => sealer.seal(Buffer.from(secret));
  for (const [kind, secret] of [
    ['voice', secrets.webhookSecret],
    ['twilio', secrets.twilioAuthToken],
  ] as const) {
    await client.query(
      `INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, id) DO UPDATE SET sealed = excluded.sealed`,
      [id, idOf(slug, 'webhook-secret', kind), kind, seal(secret)],
    );
  }
  await client.query(
    `INSERT INTO users (tenant_id, id, email, display_name, role, password_hash) VALUES ($1, $2, $3, $4, 'owner', $5)
     ON CONFLICT (tenant_id, id) DO UPDATE SET password_hash = excluded.password_hash`,
    [id, idOf(slug, 'user', ownerEmail), ownerEmail, ownerName, await hashPassword(secrets.loginPassword)],
  );
  await seedApiKey(client, slug, 'Demo', secrets.apiKey, scopes);
  await seedApiKey(client, slug, 'Voice agent', secrets.voiceAgentApiKey, ['voice:tools']);
}

async function seedApiKey(
  client: Client,
  slug: string,
  name: string,
  key: string,
  granted: readonly string[],
): Promise<void> {
  const { keyId, secretHash } = storedApiKey(key);
  await client.query(
    `INSERT INTO api_keys (tenant_id, id, key_id, secret_hash, name, scopes) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (tenant_id, id) DO UPDATE
     SET key_id = excluded.key_id, secret_hash = excluded.secret_hash, scopes = excluded.scopes, revoked_at = null`,
    [seededTenantId(slug), idOf(slug, 'api-key', name), keyId, secretHash, name, granted],
  );
}

async function seedPlaces(client: Client, clinic: SeededClinic): Promise<void> {
  const { slug, timeZone, locations, departments, appointmentTypes } = clinic;
  await insert(
    client,
    slug,
    'locations',
    'id uuid, name text, time_zone text',
    locations.map((name) => ({ id: idOf(slug, 'location', name), name, time_zone: timeZone })),
  );
  await insert(
    client,
    slug,
    'departments',
    'id uuid, name text',
    departments.map((name) => ({ id: idOf(slug, 'department', name), name })),
  );
  await insert(
    client,
    slug,
    'appointment_types',
    'id uuid, name text, duration_minutes int, buffer_after_minutes int, lead_time_minutes int',
    appointmentTypes.map(({ name, minutes, bufferAfter, leadTime }) => ({
      id: idOf(slug, 'appointment-type', name),
      name,
      duration_minutes: minutes,
      buffer_after_minutes: bufferAfter,
      lead_time_minutes: leadTime,
    })),
  );
}

async function seedPractitioners(client: Client, { slug, practitioners }: SeededClinic): Promise<void> {
  await insert(
    client,
    slug,
    'practitioners',
    'id uuid, display_name text, specialty text, department_id uuid',
    practitioners.map(({ name, specialty, department }) => ({
      id: idOf(slug, 'practitioner', name),
      display_name: name,
      specialty,
      department_id: idOf(slug, 'department', department),
    })),
  );
  await insert(
    client,
    slug,
    'practitioner_schedules',
    'id uuid, practitioner_id uuid, location_id uuid, weekday smallint, starts time, ends time',
    practitioners.flatMap(({ name, hours }) =>
      hours.flatMap(({ location, weekdays, starts, ends }) =>
        weekdays.map((weekday) => ({
          id: idOf(slug, 'schedule', name, location, String(weekday), starts),
          practitioner_id: idOf(slug, 'practitioner', name),
          location_id: idOf(slug, 'location', location),
          weekday,
          starts,
          ends,
        })),
      ),
    ),
  );
}

async function seedPatients(client: Client, { slug, patients: known }: SeededClinic): Promise<void> {
  const patients = known.map(([first, last, born, phone]) => ({
    id: idOf(slug, 'patient', first, last, born),
    first_name: first,
    last_name: last,
    date_of_birth: born,
    origin: 'desk',
    phone,
  }));
  await insert(
    client,
    slug,
    'patients',
    'id uuid, first_name text, last_name text, date_of_birth date, origin text',
    patients,
  );
  await insert(
    client,
    slug,
    'patient_identifiers',
    'patient_id uuid, kind text, value text',
    patients.map(({ id, phone }) => ({ patient_id: id, kind: 'phone', value: phone })),
  );
}

/** Inserts rows that are not there yet; `columns` names them with their types. */
async function insert(
  client: Client,
  slug: string,
  table: string,
  columns: string,
  rows: readonly Row[],
): Promise<void> {
  const names = columns
    .split(', ')
    .map((column) => column.split(' ')[0])
    .join(', ');
  await client.query(
    `INSERT INTO ${table} (tenant_id, ${names})
     SELECT $1, ${names} FROM jsonb_to_recordset($2) AS row (${columns})
     ON CONFLICT DO NOTHING`,
    [seededTenantId(slug), JSON.stringify(rows)],
  );
}

function idOf(slug: string, ...names: string[]): string {
  return uuidV5('demo', slug, ...names);
}
