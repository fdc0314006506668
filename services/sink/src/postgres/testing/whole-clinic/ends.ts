import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { withTenant } from '@switchboard/postgres';
import { recounts } from '@switchboard/postgres/recount/index';
import { recountRecords } from '@switchboard/testkit/recount-records';
import { createRandom } from '@switchboard/testkit/simulate/random';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Change, isEvent } from './changes.ts';
import { namedState } from './named-state.ts';
import { anyChange, lastingChange } from './random-changes.ts';
import { readRows } from './read-rows.ts';
import { type Clinic, hours, type Placed, type WholeClinics } from './whole-clinic.ts';

const many = (change: fc.Arbitrary<Change>) =>
  fc.record({
    changes: fc.array(change, { minLength: 300, maxLength: 300 }),
    seeds: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
  });

/** Whatever happens, the numbers are those of a plain recount, in any order and with any repetition of the events. */
export const isRecounted = (clinics: WholeClinics) =>
  fc.asyncProperty(many(anyChange), async ({ changes, seeds: [order, batches] }) => {
    await expectRecounted(clinics, await live(clinics, reordered(changes, order), batches));
  });

/** What lasts ends in the same rows and numbers, in another order and with other repetition of the events. */
export const endsAlike = (clinics: WholeClinics) =>
  fc.asyncProperty(many(lastingChange), async ({ changes, seeds: [order, batches, others] }) => {
    const one = await live(clinics, [...changes.entries()], batches);
    const other = await live(clinics, reordered(changes, order), others);
    await expectRecounted(clinics, one);
    await expectRecounted(clinics, other);
    expect(differences(await namedState(clinics, one), await namedState(clinics, other))).toEqual([]);
  });

/** Makes the changes in batches of up to twelve. */
async function live(clinics: WholeClinics, changes: readonly Placed[], seed: number): Promise<Clinic> {
  const random = createRandom(seed);
  const clinic = await clinics.newClinic();
  for (let from = 0; from < changes.length; ) {
    const to = from + random.between(1, 12);
    await clinics.apply(clinic, changes.slice(from, to));
    await clinics.catchUp(clinic);
    // What one batch leaves wrong, a later one may mend.
    await expectCounted(clinics, clinic);
    from = to;
  }
  return clinic;
}

/** Events come in any order, and a third of them again; what people do is done once, in their order. */
function reordered(changes: readonly Change[], seed: number): Placed[] {
  const random = createRandom(seed);
  const placed = changes.map((change, place): Placed => [place, change]);
  const events = placed.filter(([, change]) => isEvent(change));
  const acts = placed.filter(([, change]) => !isEvent(change)).values();
  const shuffled = random.shuffle([...placed, ...events.filter(() => random.chance(1 / 3))]);
  return shuffled.map((one) => (isEvent(one[1]) ? one : (acts.next().value ?? one)));
}

/** What is stated of all but calls is what a recount in plain TypeScript says. */
async function expectCounted(clinics: WholeClinics, { tenant }: Clinic): Promise<void> {
  const { tenantId, timeZone: zone } = tenant;
  const stated = await clinics.rows(
    `SELECT kind || ' ' || entity_id || ' ' || basis AS key, statement FROM fact_current
     WHERE tenant_id = $1 AND statement IS NOT NULL AND kind <> 'voice_call'`,
    tenant,
  );
  const expected = recountRecords(await readRows(clinics.database.admin, tenantId), {
    zone,
    hours,
    firstResponseTargetMs: 15 * 60_000,
    contactOf: (phone) => pseudonymOf(clinics.pseudonymKey, tenantId, phone),
  });
  expect(Object.fromEntries(stated.map(({ key, statement }) => [key, statement]))).toEqual(
    Object.fromEntries(expected),
  );
}

/** What is stated is what a recount in SQL says, which shares no code with what states it, and what the outbox sums up to. */
async function expectRecounted(clinics: WholeClinics, { tenant }: Clinic): Promise<void> {
  const { tenantId, timeZone: zone } = tenant;
  for (const { kind, recount } of recounts) {
    const { differences, older } = await withTenant(clinics.pool, tenantId, (client) =>
      recount(client, tenantId, zone),
    );
    expect({ kind, differences, older }).toEqual({ kind, differences: [], older: [] });
  }
  const unbalanced = await clinics.rows(
    `SELECT kind, line FROM (
       SELECT kind, line::jsonb - '{sign,event_id,tenant_id}'::text[] AS line, sign FROM outbox WHERE tenant_id = $1
       UNION ALL
       SELECT kind, statement || jsonb_build_object('entity_id', entity_id, 'basis', basis), -1
       FROM fact_current WHERE tenant_id = $1 AND statement IS NOT NULL) s
     GROUP BY kind, line HAVING sum(sign) <> 0`,
    tenant,
  );
  expect(unbalanced).toEqual([]);
}

/** Lines that only one of two ends has. */
function differences(one: readonly string[], other: readonly string[]): string[] {
  const missing = (some: readonly string[], others: ReadonlySet<string>) =>
    some.filter((line) => !others.has(line));
  return [
    ...missing(one, new Set(other)).map((line) => `- ${line}`),
    ...missing(other, new Set(one)).map((line) => `+ ${line}`),
  ];
}
