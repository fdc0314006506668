import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { type PlainRows, recountRecords } from '@switchboard/testkit/recount-records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Row } from '../rows.ts';
import type { Touched } from './state-touched.ts';
import { type ClinicStand, createClinicStand, standKey } from './testing/clinic-stand.ts';
import { firstRows } from './testing/first-rows.ts';
import { type Change, changes } from './testing/random-changes.ts';
import { idOf } from './testing/random-values.ts';

const hours = {
  '1': [
    ['09:00', '13:00'],
    ['14:00', '18:00'],
  ],
  '2': [['09:00', '18:00']],
  '5': [['20:00', '02:00']],
} as const;

/** What is there now, as the rows were written. */
type World = ReturnType<typeof firstRows>;
type Table = keyof PlainRows;

const lists: Readonly<Partial<Record<Table, 'appointments' | 'conversations' | 'messages' | 'journeys'>>> = {
  appointments: 'appointments',
  conversations: 'conversations',
  conversation_messages: 'messages',
  journeys: 'journeys',
};

let stand: ClinicStand;

beforeAll(async () => {
  stand = await createClinicStand(inject('engines').postgresAdmin, 'switchboard_sink', 'Europe/Berlin');
});

afterAll(() => stand.close());

/** Writes what a change makes of the rows, and states what that touched. */
async function apply(world: World, change: Change): Promise<void> {
  const before = new Map(world.voice_calls);
  const changed = rowsOf(world, change);
  for (const { table, row } of changed) Reflect.apply(Map.prototype.set, world[table], [row.id, row]);
  const rows: Partial<Record<Table, Row[]>> = {};
  for (const { table, row } of changed) {
    const others = (rows[table] ?? []).filter(({ id }) => id !== row.id);
    rows[table] = [...others, toRow(row)];
  }
  const of = (table: Table) => changed.filter((one) => one.table === table).map(({ row }) => row);
  const touched: Touched = {
    patients:
      change.of === 'merge'
        ? [change.from, change.to].map((one) => idOf('patients', one))
        : of('patients').map(({ id }) => id),
    practitioners: of('practitioners').map(({ id }) => id),
    ...(change.of === 'rows' ? touchedBy(changed, before) : {}),
  };
  await stand.write(rows, touched);
  // Said again, it says nothing new.
  expect(await stand.write(rows, touched)).toBe(0);
}

interface Changed {
  table: Table;
  row: { id: string };
}

function rowsOf(world: World, change: Change): Changed[] {
  const put = (table: Table, id: string, parts: object): Changed => ({
    table,
    row: { ...world[table].get(id), ...parts, id },
  });
  switch (change.of) {
    case 'rows':
      return change.rows.map(({ table, id, parts }) => put(table, id, parts));
    case 'test':
      return [put('patients', idOf('patients', change.index), { test_data: change.test })];
    case 'department':
      return [
        put('practitioners', idOf('practitioners', change.index), { department_id: change.department }),
      ];
    case 'merge':
      return (['appointments', 'journeys', 'conversations', 'voice_calls'] as const).flatMap((table) =>
        [...world[table].values()]
          .filter((row) => Reflect.get(row, 'patient_id') === idOf('patients', change.from))
          .map((row) => put(table, row.id, { patient_id: idOf('patients', change.to) })),
      );
  }
}

function touchedBy(changed: readonly Changed[], before: World['voice_calls']): Touched {
  const touched = { appointments: [], conversations: [], messages: [], journeys: [] } as Record<
    string,
    string[]
  >;
  for (const { table, row } of changed) {
    const list = lists[table];
    if (list) touched[list]?.push(row.id);
    if (table === 'journey_steps') touched.journeys?.push(String(Reflect.get(row, 'journey_id')));
  }
  const calls = changed.filter(({ table }) => table === 'voice_calls').map(({ row }) => row.id);
  return {
    ...touched,
    calls,
    callsBefore: calls.flatMap((id) => {
      const call = before.get(id);
      return call?.contact_phone
        ? [
            {
              callId: id,
              phone: call.contact_phone,
              beganAt: new Date(call.began_at),
              direction: call.direction,
              intent: call.intent,
            },
          ]
        : [];
    }),
  };
}

/** As it is written: times as text. */
function toRow(row: object): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      name.endsWith('_at') && typeof value === 'number' ? new Date(value).toISOString() : value,
    ]),
  );
}

/** What there is when nothing has happened yet. */
async function begin(): Promise<World> {
  const world = firstRows();
  await stand.reset(hours);
  await stand.write(
    {
      departments: [1, 2].map((n) => ({ id: idOf('departments', n), name: `D${n}` })),
      patients: [...world.patients.values()].map(toRow),
      practitioners: [...world.practitioners.values()].map(toRow),
      journeys: [...world.journeys.values()].map(toRow),
      conversations: [...world.conversations.values()].map(toRow),
    },
    { conversations: world.conversations.keys() },
  );
  return world;
}

describe('whatever happens to a clinic’s records, in any order and more than once', () => {
  it('is stated as if it had been counted at the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 15, maxLength: 40 }), async (all) => {
        const world = await begin();
        for (const change of all) await apply(world, change);
        const rows: PlainRows = {
          patients: [...world.patients.values()],
          practitioners: [...world.practitioners.values()],
          appointments: [...world.appointments.values()],
          journeys: [...world.journeys.values()],
          journey_steps: [...world.journey_steps.values()],
          conversations: [...world.conversations.values()],
          conversation_messages: [...world.conversation_messages.values()],
          voice_calls: [...world.voice_calls.values()],
        };
        const expected = recountRecords(rows, {
          zone: stand.tenant.timeZone,
          hours,
          firstResponseTargetMs: 15 * 60_000,
          contactOf: (phone) => pseudonymOf(standKey, stand.tenant.tenantId, phone),
        });
        expect(await stand.allStated()).toEqual(Object.fromEntries(expected));
        expect(await stand.recount()).toEqual({});
        expect(await stand.imbalance()).toEqual([]);
      }),
      { numRuns: 30 },
    );
  }, 300_000);
});
