import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { z } from 'zod';
import type { TestClient } from '../../testing/client.ts';
import type { ApiClinic } from '../../testing/clinic.ts';
import { toolAnswer } from '../tool-schema.ts';

const slot = z.looseObject({ slot_id: z.string(), start: z.string(), spoken: z.string() });

/** What the tools answer, as far as tests look at it. */
export const testAnswer = toolAnswer.extend({
  slots: z.array(slot).optional(),
  alternatives: z.array(slot).optional(),
  appointment: z.looseObject({ id: z.string(), start: z.string() }).optional(),
});

/** A practitioner of the clinic, open each day from nine to five. @returns the id */
export async function addPractitioner(
  clinic: ApiClinic,
  name: string,
  department = 'General Medicine',
): Promise<string> {
  const [id, location] = [randomUUID(), randomUUID()];
  await clinic.run(
    `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, $3, 'Asia/Kolkata')`,
    [location, `Room of ${name}`],
  );
  await clinic.run(
    `INSERT INTO departments (tenant_id, id, name) VALUES ($1, gen_random_uuid(), $2) ON CONFLICT DO NOTHING`,
    [department],
  );
  await clinic.run(
    `INSERT INTO practitioners (tenant_id, id, display_name, department_id)
     SELECT $1, $2, $3, id FROM departments WHERE tenant_id = $1 AND name = $4`,
    [id, name, department],
  );
  await clinic.run(
    `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
     SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '17:00' FROM generate_series(1, 7) AS weekday`,
    [id, location],
  );
  return id;
}

/** A patient with a phone. @returns the id */
export async function addPatient(
  clinic: ApiClinic,
  [first, last, born, phone]: readonly [string, string, string, string],
): Promise<string> {
  const id = randomUUID();
  await clinic.run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, date_of_birth, origin) VALUES ($1, $2, $3, $4, $5, 'desk')`,
    [id, first, last, born],
  );
  await clinic.run(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
    [id, phone],
  );
  return id;
}

/** Uses a tool. @returns its answer, which is HTTP 200 */
export async function useTool(agent: TestClient, tool: string, body: Record<string, unknown>) {
  const response = await agent.post(`/api/v1/voice/tools/${tool}`, body);
  expect(response.status).toBe(200);
  return testAnswer.parse(await response.json());
}
