import { createPool, lockTenant, withTenant } from '../../pool.ts';
import { loadTenantSettings } from '../../tenants.ts';
import { bookAppointment, bookHold } from '../book.ts';
import { changeState, loadVisit, moveAppointment } from '../change.ts';
import type { ChangeContext } from '../change-context.ts';
import { findFreeSlots } from '../find-slots.ts';
import type { VisitType } from '../visit-types.ts';

/** Books, holds, moves and cancels at random on few slots until it is killed; says each step that was committed. */
const [url = '', tenantId = '', practitioners = ''] = process.argv.slice(2);
const ids = practitioners.split(',');
const visit: VisitType = { id: null, name: null, duration: 30, bufferBefore: 0, bufferAfter: 5, leadTime: 0 };
const begun = Date.parse('2026-11-30T08:00:00+05:30');
const pool = createPool({ url, applicationName: 'desk-worker', max: 2 });
const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
if (!tenant) throw new Error('the tenant is there');
const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(Math.random() * from.length)];

for (let step = 0; ; step++) {
  const now = begun + step * 1_000;
  const context: ChangeContext = {
    tenant,
    pseudonymKey: Buffer.alloc(32, 1),
    actor: { kind: 'user', id: 'u' },
    now,
  };
  const query = { practitionerIds: ids, from: '2026-12-01', to: '2026-12-02', visit, limit: 40, now };
  // Looked for outside the lock, as a voice reads slots out: by now somebody else may have it.
  const slot = pick(
    await withTenant(pool, tenantId, (client) =>
      findFreeSlots(client, tenantId, { ...query, zone: tenant.timeZone }),
    ),
  );
  await withTenant(pool, tenantId, async (client) => {
    await lockTenant(client, tenantId);
    const { rows } = await client.query<{ id: string; status: string }>(
      `SELECT id, status FROM appointments WHERE tenant_id = $1 AND status IN ('held', 'scheduled', 'confirmed') ORDER BY random() LIMIT 1`,
      [tenantId],
    );
    const stored = rows[0] && (await loadVisit(client, tenantId, { id: rows[0].id }));
    const way = Math.random();
    if (slot && (way < 0.4 || !stored))
      await bookAppointment(client, context, {
        slot,
        visit,
        patientId: null,
        channel: 'voice',
        holdUntil: way < 0.15 ? now + 20_000 : undefined,
      });
    else if (stored && stored.status === 'held')
      await bookHold(client, context, stored.id, { patientId: null });
    else if (stored && slot && way < 0.7) await moveAppointment(client, context, stored, slot, visit);
    else if (stored)
      await changeState(client, context, stored, { to: 'cancelled', by: 'patient', reason: null });
  });
  process.stdout.write('.');
}
