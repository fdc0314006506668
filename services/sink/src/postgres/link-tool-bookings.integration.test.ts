import { randomUUID } from 'node:crypto';
import { createPool, type Pool } from '@switchboard/postgres';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { writeEvents } from './write-events.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', prepare: true });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

it('what a tool booked before the call’s first event came is that call’s one appointment, counted so, and whose the call is', async () => {
  const tenantId = await database.addTenant();
  const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
  if (!tenant) throw new Error('the tenant is there');
  const [appointment, ref] = [randomUUID(), `zc_${randomUUID()}`];
  const run = async (sql: string, values: unknown[] = []) =>
    (await database.admin.query(sql, [tenantId, ...values])).rows;
  // The caller was merged into another patient, for whom the tool booked.
  const [survivor, absorbed, phone] = [randomUUID(), randomUUID(), '+919812345678'];
  await run(
    `INSERT INTO patients (tenant_id, id, first_name, origin, status, merged_into) VALUES ($1, $2, 'Asha', 'desk', 'active', NULL),
       ($1, $3, 'Asha', 'desk', 'merged', $2)`,
    [survivor, absorbed],
  );
  await run(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
    [absorbed, phone],
  );
  await run(
    `INSERT INTO appointments (tenant_id, id, patient_id, original_patient_id, status, starts_at, ends_at, channel, booked_at, tool_call_id)
     VALUES ($1, $2, $3, $3, 'scheduled', '2026-12-01T04:00:00Z', '2026-12-01T04:30:00Z', 'voice', '2026-11-20T05:01:00Z', 't1')`,
    [appointment, survivor],
  );
  await run(
    `INSERT INTO voice_tool_uses (tenant_id, id, tool, call_ref, use_key, ok, code, latency_ms, appointment_id)
     VALUES ($1, gen_random_uuid(), 'book-appointment', $2, 't1', true, 'BOOKED', 12, $3)`,
    [ref, appointment],
  );
  const startedAt = Date.parse('2026-11-20T05:00:00Z');
  const event = enrichedEvent(
    receivedEvent({
      tenant_id: tenantId,
      call_id: ref,
      call: { status: 'completed', started_at: startedAt, from_number: phone },
    }),
  );
  const options = { pool, pseudonymKey: Buffer.alloc(32, 7), now: Date.now };
  for (let again = 0; again < 2; again++) await writeEvents(options, tenant, [{ event, traceparent: null }]);
  const linked = await run(
    `SELECT c.external_id, a.patient_id, a.original_patient_id, a.conversation_id = c.conversation_id AS together, f.statement ->> 'ai_booked' AS ai
     FROM appointments a JOIN voice_calls c ON c.tenant_id = a.tenant_id AND c.id = a.call_id
     JOIN fact_current f ON f.tenant_id = a.tenant_id AND f.entity_id = a.id AND f.basis = 'starts' WHERE a.tenant_id = $1`,
  );
  expect(linked).toEqual([
    { external_id: ref, patient_id: survivor, original_patient_id: absorbed, together: true, ai: '1' },
  ]);
});
