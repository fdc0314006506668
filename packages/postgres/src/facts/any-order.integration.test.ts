import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { type PlainRows, recountRecords } from '@switchboard/testkit/recount-records';
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import type { Row } from '../rows.ts';
import type { Touched } from './state-touched.ts';
import { type ClinicStand, createClinicStand, standKey } from './testing/clinic-stand.ts';
import { type Change, changes, firstRows, idOf } from './testing/random-changes.ts';

const hours = {
  '1': [
    ['09:00', '13:00'],
    ['14:00', '18:00'],
  ],
  '2': [['09:00', '18:00']],
  '5': [['20:00', '02:00']],
} as const;

/** What is there now, as the rows were written. */
type World = { [T in keyof PlainRows]: Map<string, PlainRows[T][number]> };

async function apply(stand: ClinicStand, world: World, change: Change): Promise<void> {
  const touched: Touched = {};
  const rows: Record<string, Row[]> = {};
  const put = (table: keyof PlainRows, id: string, parts: object) => {
    const all = world[table] as Map<string, { id: string }>;
    const row = { ...all.get(id), ...parts, id };
    all.set(id, row);
    const list = (rows[table] ??= []);
    list.splice(0, list.length, ...list.filter((one) => one.id !== id), toRow(row));
  };
  switch (change.of) {
    case 'merge':
      for (const table of ['appointments', 'journeys', 'conversations', 'voice_calls'] as const)
        for (const row of world[table].values())
          if ('patient_id' in row && row.patient_id === idOf('patients', change.from))
            put(table, row.id, { patient_id: idOf('patients', change.to) });
      touched.patients = [idOf('patients', change.from), idOf('patients', change.to)];
      break;
    case 'test':
      put('patients', idOf('patients', change.index), { test_data: change.test });
      touched.patients = [idOf('patients', change.index)];
      break;
    case 'department':
      put('practitioners', idOf('practitioners', change.index), { department_id: change.department });
      touched.practitioners = [idOf('practitioners', change.index)];
      break;
    case 'rows':
      for (const { table, id, parts } of change.rows) put(table, id, parts);
      for (const { table, id, parts } of change.rows) {
        if (table === 'appointments') touched.appointments = [...(touched.appointments ?? []), id];
        else if (table === 'journeys') touched.journeys = [...(touched.journeys ?? []), id];
        else if (table === 'journey_steps')
          touched.journeys = [...(touched.journeys ?? []), parts.journey_id as string];
        else if (table === 'conversations') touched.conversations = [...(touched.conversations ?? []), id];
        else if (table === 'conversation_messages') touched.messages = [...(touched.messages ?? []), id];
        else if (table === 'voice_calls') touched.calls = [...(touched.calls ?? []), id];
      }
  }
  await stand.write(rows, touched);
}

function toRow(row: object): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      name.endsWith('_at') && typeof value === 'number' ? new Date(value).toISOString() : value,
    ]),
  );
}

describe('whatever happens to a clinic’s records, in any order and more than once', () => {
  it('is stated as if it had been counted at the end', async () => {
    const stand = await createClinicStand(
      inject('engines').postgresAdmin,
      'switchboard_sink',
      'Europe/Berlin',
    );
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(changes, { minLength: 5, maxLength: 40 }), async (all) => {
          await stand.reset(hours);
          const world = firstRows();
          await stand.write(
            { departments: [1, 2].map((n) => ({ id: idOf('departments', n), name: `D${n}` })) },
            {},
          );
          await stand.write(
            {
              patients: [...world.patients.values()],
              practitioners: [...world.practitioners.values()],
              journeys: [...world.journeys.values()].map(toRow),
              conversations: [...world.conversations.values()].map(toRow),
            },
            { conversations: world.conversations.keys() },
          );
          for (const change of all) await apply(stand, world, change);
          const rules = {
            zone: stand.tenant.timeZone,
            hours,
            firstResponseTargetMs: 15 * 60_000,
            contactOf: (phone: string) => pseudonymOf(standKey, stand.tenant.tenantId, phone),
          };
          const plain = Object.fromEntries(
            Object.entries(world).map(([table, rows]) => [table, [...rows.values()]]),
          ) as unknown as PlainRows;
          const expected = Object.fromEntries(recountRecords(plain, rules));
          expect(await stand.allStated()).toEqual(expected);
          expect(await stand.recount()).toEqual({});
          expect(await stand.imbalance()).toEqual([]);
        }),
        { numRuns: 12 },
      );
    } finally {
      await stand.close();
    }
  }, 300_000);
});
