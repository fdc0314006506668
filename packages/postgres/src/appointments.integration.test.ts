import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool, type Pool, withTenant } from './pool.ts';

let database: TestDatabase;
let pool: Pool;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({
    url: database.urlAs('switchboard_api'),
    applicationName: 'appointments-test',
    max: 10,
    // The pool counts it as time to connect when fifty wait for ten.
    connectTimeoutMs: 60_000,
  });
  tenant = await database.addTenant();
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

interface Booking {
  practitioner: string;
  start: string;
  end: string;
  status?: string;
  conflict?: boolean;
  bufferAfter?: number;
  of?: string;
}

async function addPractitioner(of = tenant): Promise<string> {
  const id = randomUUID();
  await database.admin.query(`INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'P')`, [
    of,
    id,
  ]);
  return id;
}

/** Books on 1 December 2026, UTC. @returns the appointment's id */
async function book({ practitioner, start, end, of = tenant, ...more }: Booking): Promise<string> {
  const id = randomUUID();
  const status = more.status ?? 'scheduled';
  await withTenant(pool, of, (client) =>
    client.query(
      `INSERT INTO appointments (tenant_id, id, practitioner_id, status, starts_at, ends_at, channel, conflict,
         buffer_after_minutes, hold_expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'voice', $7, $8, $9)`,
      [
        of,
        id,
        practitioner,
        status,
        `2026-12-01T${start}:00Z`,
        `2026-12-01T${end}:00Z`,
        more.conflict ?? false,
        more.bufferAfter ?? 0,
        status === 'held' ? '2026-12-01T00:00:00Z' : null,
      ],
    ),
  );
  return id;
}

/** Two who insert at once may find each other, and then one of them is told of a deadlock. */
const deadlock = { code: '40P01' };
const doubleBooking = { code: '23P01', constraint: 'appointments_no_double_booking' };

describe('an appointment', () => {
  it('is booked once, though fifty try at once (cal.com #13397, easyappointments #31: double bookings by races)', async () => {
    const practitioner = await addPractitioner();
    const tries = await Promise.allSettled(
      Array.from({ length: 50 }, () => book({ practitioner, start: '10:00', end: '10:30' })),
    );
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    for (const { code, constraint } of tries.map((one) =>
      one.status === 'rejected' ? one.reason : doubleBooking,
    ))
      expect([doubleBooking, deadlock]).toContainEqual({ code, constraint });
  });

  it('may begin when another ends, but not within its buffer', async () => {
    const practitioner = await addPractitioner();
    await book({ practitioner, start: '10:00', end: '10:30', bufferAfter: 10 });
    await expect(book({ practitioner, start: '10:35', end: '11:00' })).rejects.toMatchObject(doubleBooking);
    await book({ practitioner, start: '10:40', end: '11:00' });
    await book({ practitioner, start: '09:30', end: '10:00' });
  });

  it('is kept from no other practitioner and no other clinic', async () => {
    const other = await database.addTenant();
    const practitioner = await addPractitioner();
    await book({ practitioner, start: '10:00', end: '10:30' });
    await book({ practitioner: await addPractitioner(), start: '10:00', end: '10:30' });
    await book({ practitioner: await addPractitioner(other), start: '10:00', end: '10:30', of: other });
  });

  it.each(['held', 'scheduled', 'confirmed', 'checked_in'])(
    'that is %s takes its time (cal.com #29958: by unseen holds; #23988: by overlap)',
    async (status) => {
      const practitioner = await addPractitioner();
      await book({ practitioner, start: '10:00', end: '10:30', status });
      await expect(book({ practitioner, start: '10:15', end: '10:45' })).rejects.toMatchObject(doubleBooking);
    },
  );

  it.each(['completed', 'cancelled', 'no_show'])('that is %s leaves its time free', async (status) => {
    const practitioner = await addPractitioner();
    await book({ practitioner, start: '10:00', end: '10:30', status });
    await book({ practitioner, start: '10:15', end: '10:45' });
  });

  it('told as a conflict is stored, and becomes none while the other stands', async () => {
    const practitioner = await addPractitioner();
    await book({ practitioner, start: '10:00', end: '10:30' });
    const id = await book({ practitioner, start: '10:15', end: '10:45', conflict: true });
    const resolve = withTenant(pool, tenant, (client) =>
      client.query('UPDATE appointments SET conflict = false WHERE tenant_id = $1 AND id = $2', [tenant, id]),
    );
    await expect(resolve).rejects.toMatchObject(doubleBooking);
  });

  it('that moves takes its time along', async () => {
    const practitioner = await addPractitioner();
    const id = await book({ practitioner, start: '10:00', end: '10:30' });
    await withTenant(pool, tenant, (client) =>
      client.query(
        `UPDATE appointments SET starts_at = starts_at + interval '2 hours', ends_at = ends_at + interval '2 hours', moves = moves + 1
         WHERE tenant_id = $1 AND id = $2`,
        [tenant, id],
      ),
    );
    await book({ practitioner, start: '10:00', end: '10:30' });
    await expect(book({ practitioner, start: '12:00', end: '12:30' })).rejects.toMatchObject(doubleBooking);
  });

  it('that ends before it starts is refused by its check', async () => {
    const practitioner = await addPractitioner();
    await expect(book({ practitioner, start: '11:00', end: '10:00' })).rejects.toMatchObject({
      code: '23514',
    });
  });

  it('takes its history along, and leaves a request without it', async () => {
    const practitioner = await addPractitioner();
    const id = await book({ practitioner, start: '10:00', end: '10:30' });
    await withTenant(pool, tenant, async (client) => {
      await client.query(
        `INSERT INTO appointment_history (tenant_id, appointment_id, version, change, occurred_at, actor_kind, status, starts_at, ends_at)
         SELECT tenant_id, id, 1, 'booked', now(), 'system', status, starts_at, ends_at FROM appointments WHERE id = $1`,
        [id],
      );
      await client.query(
        `INSERT INTO booking_requests (tenant_id, id, kind, channel, appointment_id) VALUES ($1, $2, 'book', 'voice', $2)`,
        [tenant, id],
      );
      await client.query('DELETE FROM appointments WHERE tenant_id = $1 AND id = $2', [tenant, id]);
    });
    const { rows } = await database.admin.query(
      `SELECT (SELECT count(*) FROM appointment_history WHERE appointment_id = $1) AS history, r.appointment_id
       FROM booking_requests r WHERE r.id = $1`,
      [id],
    );
    expect(rows).toEqual([{ history: 0, appointment_id: null }]);
  });
});
