import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { localDateAt } from '@switchboard/domain/periods/zone';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { findAlternatives } from './alternatives.ts';
import { bookAppointment } from './book.ts';
import { type FreeSlot, findFreeSlots } from './find-slots.ts';
import { createSchedulingClinic, overlapsSql, type SchedulingClinic } from './testing/clinic.ts';
import type { VisitType } from './visit-types.ts';

const zone = 'Asia/Kolkata';
const visit: VisitType = { id: null, name: null, duration: 15, bufferBefore: 0, bufferAfter: 0, leadTime: 0 };

const nameOf = ({ practitionerId, from }: FreeSlot) => `${practitionerId} ${from}`;

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
  const dates = { from: '2026-12-01', to: '2026-12-10' };
  const query = { ...dates, visit, limit: 1_000, now: clinic.now, zone };
  const free = (practitionerIds: readonly string[]) =>
    clinic.read((client) => findFreeSlots(client, clinic.tenantId, { ...query, practitionerIds }));
  for (let round = 0; round < 100; round++) {
    // By turns: of a colleague's diary much is taken, too.
    const [one, other] = clinic.practitioners;
    const [practitionerId, colleagueId] = round % 2 === 0 ? [one, other] : [other, one];
    const [slot] = await free([practitionerId]);
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
            colleagueIds: [colleagueId],
            date: localDateAt(slot.from, zone),
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
    const still = new Set((await free(clinic.practitioners)).map(nameOf));
    for (const alternatives of refused) {
      expect(alternatives.length).toBeGreaterThanOrEqual(2);
      for (const one of alternatives) expect(still).toContain(nameOf(one));
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
