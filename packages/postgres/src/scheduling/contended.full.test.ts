import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { findAlternatives } from './alternatives.ts';
import { bookAppointment } from './book.ts';
import { findFreeSlots } from './find-slots.ts';
import { createSchedulingClinic, overlapsSql, type SchedulingClinic } from './testing/clinic.ts';
import type { VisitType } from './visit-types.ts';

const zone = 'Asia/Kolkata';
const visit: VisitType = { id: null, name: null, duration: 15, bufferBefore: 0, bufferAfter: 0, leadTime: 0 };

let database: TestDatabase;
let clinic: SchedulingClinic;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
});
afterAll(async () => {
  await clinic?.pool.end();
  await database.drop();
});

test('one slot is had by one of fifty, a hundred times over, and the others are offered what is free', async () => {
  clinic = await createSchedulingClinic(database, 10);
  const practitionerId = clinic.practitioners[0];
  const dates = { from: '2026-12-01', to: '2026-12-10' };
  const query = { practitionerIds: [practitionerId], ...dates, visit, limit: 400, now: clinic.now, zone };
  const free = () => clinic.read((client) => findFreeSlots(client, clinic.tenantId, query));
  for (let round = 0; round < 100; round++) {
    const [slot] = await free();
    if (!slot) throw new Error('there are more slots than rounds');
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        clinic.change(async (client) => {
          const made = await bookAppointment(client, clinic.context(), {
            slot,
            visit,
            patientId: null,
            channel: 'voice',
          });
          if (made !== 'SLOT_TAKEN') return made;
          return findAlternatives(client, clinic.tenantId, {
            practitionerId,
            colleagueIds: [clinic.practitioners[1]],
            date: '2026-12-01',
            near: slot.from,
            visit,
            now: clinic.now,
            zone,
          });
        }),
      ),
    );
    const refused = answers.filter((one) => Array.isArray(one));
    expect(refused).toHaveLength(49);
    const still = new Set((await free()).map(({ from }) => from));
    for (const alternatives of refused) {
      expect(alternatives.length).toBeGreaterThanOrEqual(2);
      for (const one of alternatives)
        expect(one.practitionerId !== practitionerId || still.has(one.from)).toBe(true);
    }
  }
  expect(await clinic.run(overlapsSql)).toEqual([]);
}, 900_000);

test('four workers that are killed again and again leave no overlap, and a history for each version', async () => {
  const contended = await createSchedulingClinic(database);
  const worker = fileURLToPath(new URL('testing/desk-worker.ts', import.meta.url));
  const args = [
    worker,
    database.urlAs('switchboard_api'),
    contended.tenantId,
    contended.practitioners.join(','),
  ];
  let steps = 0;
  const one = async () => {
    for (let life = 0; life < 5; life++) {
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      let own = 0;
      // Somewhere in the middle of what comes after so many steps.
      const lifetime = 20 + Math.floor(Math.random() * 40);
      child.stdout.on('data', (dots: Buffer) => {
        own += dots.length;
        if (own >= lifetime) child.kill('SIGKILL');
      });
      const [code, signal] = await exited;
      expect([code, signal]).toEqual([null, 'SIGKILL']);
      steps += own;
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  await contended.pool.end();
  expect(steps).toBeGreaterThanOrEqual(400);
  const of = (sql: string) => contended.run(sql);
  expect(await of(overlapsSql)).toEqual([]);
  expect(
    await of(
      `SELECT a.id FROM appointments a WHERE a.tenant_id = $1 AND a.version <> (
         SELECT count(*) FROM appointment_history h WHERE h.tenant_id = $1 AND h.appointment_id = a.id)`,
    ),
  ).toEqual([]);
  // What is no hold is stated, and a hold is not.
  expect(
    await of(
      `SELECT a.id FROM appointments a LEFT JOIN fact_current f ON f.tenant_id = $1 AND f.entity_id = a.id AND f.basis = 'starts'
       WHERE a.tenant_id = $1 AND (a.status = 'held') IS DISTINCT FROM (f.statement IS NULL)`,
    ),
  ).toEqual([]);
}, 600_000);
