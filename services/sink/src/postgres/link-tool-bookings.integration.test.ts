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

it('what a tool booked before the call’s first event came is that call’s one appointment, and counted so', async () => {
  const tenantId = await database.addTenant();
  const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
  if (!tenant) throw new Error('the tenant is there');
  const [appointment, ref] = [randomUUID(), `zc_${randomUUID()}`];
  const run = async (sql: string, values: unknown[] = []) =>
    (await database.admin.query(sql, [tenantId, ...values])).rows;
  await run(
    `INSERT INTO appointments (tenant_id, id, status, starts_at, ends_at, channel, booked_at, tool_call_id)
     VALUES ($1, $2, 'scheduled', '2026-12-01T04:00:00Z', '2026-12-01T04:30:00Z', 'voice', '2026-11-20T05:01:00Z', 't1')`,
    [appointment],
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
      call: { status: 'completed', started_at: startedAt },
    }),
  );
  const options = { pool, pseudonymKey: Buffer.alloc(32, 7), now: Date.now };
  for (let again = 0; again < 2; again++) await writeEvents(options, tenant, [{ event, traceparent: null }]);
  const linked = await run(
    `SELECT c.external_id, a.conversation_id = c.conversation_id AS together, f.statement ->> 'ai_booked' AS ai
     FROM appointments a JOIN voice_calls c ON c.tenant_id = a.tenant_id AND c.id = a.call_id
     JOIN fact_current f ON f.tenant_id = a.tenant_id AND f.entity_id = a.id AND f.basis = 'starts' WHERE a.tenant_id = $1`,
  );
  expect(linked).toEqual([{ external_id: ref, together: true, ai: '1' }]);
});
