import type { Pool } from '@switchboard/postgres';

/** What a large clinic has beside the demo clinic's own. */
export const largeClinic = { patients: 200_000, practitioners: 200 };

const firstNames = words(
  'Aarav Aditi Akash Amrita Anil Anjali Arjun Asha Bhavna Chetan Deepa Dev Farah Gauri Hari Isha Jaya Kabir Kavita Lata Mahesh Meera Mohan Nandini Neeraj Nisha Om Pallavi Prakash Priya Rahul Rekha Rohan Sagar Sana Shreya Sunil Tara Uday Vidya',
);
const lastNames = words(
  'Agarwal Bhat Chauhan Das Deshmukh Dutta Gandhi Ghosh Gupta Iyer Jain Joshi Kapoor Khan Kulkarni Kumar Malhotra Mehta Menon Mishra Naidu Nair Pandey Patel Patil Pillai Rane Rao Reddy Saxena Shah Sharma Shetty Singh Sinha Thakur Trivedi Varma Yadav Zaveri',
);

/** A patient whom the seed made, as the caller says who they are. */
export interface SeededPatient {
  name: string;
  phone: string;
  dateOfBirth: string;
}

export interface LargeClinic {
  appointments: number;
  /** Names of those who work there. */
  practitioners: string[];
  /** @param number from 0 to the clinic's last patient */
  patient(number: number): SeededPatient;
}

/**
 * Makes the demo clinic a large one: 200,000 patients, of whom every eighth shares a phone, 200 practitioners, and their
 * appointments of half a year on either side of today. No facts are stated of them.
 * @param days how far appointments reach on either side
 */
export async function seedLargeClinic(postgres: Pool, tenantId: string, days = 182): Promise<LargeClinic> {
  const client = await postgres.connect();
  const run = (sql: string) =>
    client.query(sql.replaceAll('$1', `'${tenantId}'`).replaceAll('$2', String(days)));
  try {
    await client.query('BEGIN');
    await client.query(`SET LOCAL session_replication_role = 'replica'`);
    await run(practitionersSql);
    await run(schedulesSql);
    await run(patientsSql);
    await run(phonesSql);
    const { rowCount } = await run(appointmentsSql);
    await client.query('COMMIT');
    await client.query(
      // Nobody's upkeep of what was just loaded is measured.
      'VACUUM (ANALYZE) patients, patient_identifiers, practitioners, practitioner_schedules, appointments',
    );
    const { rows } = await client.query<{ name: string }>(
      'SELECT display_name AS name FROM practitioners WHERE tenant_id = $1',
      [tenantId],
    );
    return {
      appointments: rowCount ?? 0,
      practitioners: rows.map(({ name }) => name),
      patient: (number) => ({
        name: `${nameAt(firstNames, number)} ${nameAt(lastNames, Math.floor(number / firstNames.length))}`,
        phone: `+91700${String(number - (number % 8 === 1 ? 1 : 0)).padStart(7, '0')}`,
        dateOfBirth: new Date(Date.UTC(1940, 0, 1 + (number % 29_000))).toISOString().slice(0, 10),
      }),
    };
  } finally {
    client.release(true);
  }
}

function words(text: string): string[] {
  return text.split(' ');
}

function nameAt(names: readonly string[], number: number): string {
  return names[number % names.length] ?? '';
}

const pick = (names: readonly string[], number: string) =>
  `(ARRAY['${names.join("','")}'])[1 + (${number})::int % ${names.length}]`;
/** Of version 4, as any id has a version. */
const idOf = (what: string) =>
  `overlay(overlay(md5(${what}) placing '4' from 13 for 1) placing '8' from 17 for 1)::uuid`;
const practitionerId = (number: string) => idOf(`'practitioner ' || ${number}`);
const patientId = (number: string) => idOf(`'patient ' || ${number}`);
/** A number from 0 to 99 that is as good as drawn. */
const drawn = (what: string) => `(abs(hashtextextended(${what}, 0)) % 100)`;
const own = (SELECT: string) => `(SELECT array_agg(id ORDER BY name) FROM ${SELECT} WHERE tenant_id = $1)`;

/** The demo clinic has some of its own. */
const madePractitioners = `generate_series(1, ${largeClinic.practitioners} - (SELECT count(*) FROM practitioners WHERE tenant_id = $1)::int)`;

const practitionersSql = `
INSERT INTO practitioners (tenant_id, id, display_name, specialty, department_id)
SELECT $1, ${practitionerId('n')}, 'Dr. ' || ${pick(firstNames, 'n * 7')} || ' ' || ${pick(lastNames, 'n / 5 + n * 11')}, d.name, d.id
FROM ${madePractitioners} AS n
JOIN (SELECT id, name, row_number() OVER (ORDER BY name) AS at, count(*) OVER () AS of FROM departments WHERE tenant_id = $1) d
  ON d.at = 1 + n % d.of`;

const schedulesSql = `
INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
SELECT $1, gen_random_uuid(), p.id, (${own('locations')})[1 + p.n % 2], weekday, '09:00', '17:00'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM practitioners
      WHERE tenant_id = $1 AND NOT EXISTS (SELECT FROM practitioner_schedules s WHERE s.tenant_id = $1 AND s.practitioner_id = practitioners.id)) p
CROSS JOIN generate_series(1, 6) AS weekday`;

const patientsSql = `
INSERT INTO patients (tenant_id, id, first_name, last_name, date_of_birth, origin)
SELECT $1, ${patientId('n')}, ${pick(firstNames, 'n')}, ${pick(lastNames, `n / ${firstNames.length}`)}, date '1940-01-01' + n % 29000, 'clinic_system'
FROM generate_series(0, ${largeClinic.patients} - 1) AS n`;

const phonesSql = `
INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value)
SELECT $1, ${patientId('n')}, 'phone', '+91700' || lpad((n - CASE WHEN n % 8 = 1 THEN 1 ELSE 0 END)::text, 7, '0')
FROM generate_series(0, ${largeClinic.patients} - 1) AS n`;

// Of 24 times a day seven were taken in the past, twelve are in the next weeks, and ever fewer later on.
const appointmentsSql = `
INSERT INTO appointments (tenant_id, id, patient_id, original_patient_id, practitioner_id, location_id, appointment_type_id,
  status, starts_at, ends_at, during, booked_at, completed_at, cancelled_at, cancelled_by, channel, source, external_id)
SELECT $1, gen_random_uuid(), v.patient_id, v.patient_id, v.practitioner_id, v.location_id, v.type_id, v.status,
  v.at, v.at + interval '20 min', tstzrange(v.at, v.at + interval '20 min'), v.at - interval '1 day' * (1 + v.chance % 20),
  CASE v.status WHEN 'completed' THEN v.at + interval '20 min' END, CASE v.status WHEN 'cancelled' THEN v.at - interval '1 day' END,
  CASE v.status WHEN 'cancelled' THEN 'patient' END, 'desk', 'emr', 'bench-' || v.number
FROM (
  SELECT p.id AS practitioner_id, p.location_id, ${patientId(`(abs(hashtextextended(p.id::text || d.day || k.slot, 1)) % ${largeClinic.patients})`)} AS patient_id,
    (SELECT id FROM appointment_types WHERE tenant_id = $1 AND name = 'Consultation') AS type_id,
    (current_date + d.day + time '09:00' + k.slot * interval '20 min') AT TIME ZONE 'Asia/Kolkata' AS at,
    ${drawn(`p.id::text || d.day || k.slot`)} AS chance, d.day,
    CASE WHEN d.day >= 0 THEN 'scheduled' WHEN ${drawn(`'state' || p.id || d.day || k.slot`)} < 85 THEN 'completed'
      WHEN ${drawn(`'state' || p.id || d.day || k.slot`)} < 93 THEN 'cancelled' ELSE 'no_show' END AS status,
    row_number() OVER () AS number
  FROM (SELECT s.practitioner_id AS id, min(s.location_id::text)::uuid AS location_id FROM practitioner_schedules s
        WHERE s.tenant_id = $1 AND s.starts = '09:00' AND s.ends = '17:00' GROUP BY 1 HAVING count(*) = 6) p
  CROSS JOIN generate_series(-$2, $2) AS d (day) CROSS JOIN generate_series(0, 23) AS k (slot)
  WHERE extract(isodow FROM current_date + d.day) < 7
) v
WHERE v.chance < CASE WHEN v.day < 0 THEN 30 WHEN v.day < 21 THEN 50 ELSE greatest(5, 50 - v.day / 3) END`;
