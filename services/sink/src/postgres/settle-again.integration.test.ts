import { randomUUID } from 'node:crypto';
import { createPool, type Pool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type AskingClinic, createAskingClinic, patient, type Said } from './testing/asking-clinic.ts';

let database: TestDatabase;
let pool: Pool;
let clinic: AskingClinic;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', prepare: true });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  clinic = await createAskingClinic(database, pool);
});

const certain = { date: '2026-12-01', time: '16:00', practitioner: 'Dr. Rohan Mehta' };
const { time: _, ...noTime } = certain;
const vague: Said = { entities: noTime };
const book: Said = { entities: certain, type: 'call.analyzed', at: 60 };
const nothing: Said = { intent: 'ask_price', type: 'call.analyzed', at: 120 };
const other: Said = { entities: { ...certain, time: '10:00' }, type: 'call.analyzed', at: 120 };
const again: Said = { ...book, at: 180 };

/** A call whose events come in this order, each twice, and all once more at the end. */
async function call(...said: Said[]): Promise<string> {
  const ref = `zc_${randomUUID()}`;
  const events = said.map((one) => clinic.event(ref, one));
  await clinic.write([...events.flatMap((event) => [event, event]), ...events]);
  return ref;
}

const booked = async () => {
  const rows = await clinic.run(
    `SELECT a.starts_at, a.patient_id FROM appointments a JOIN voice_calls c ON c.tenant_id = $1 AND c.id = a.call_id
     WHERE a.tenant_id = $1 AND a.status = 'scheduled'`,
  );
  return rows;
};
const open = () =>
  clinic.run(
    `SELECT b.kind, b.reason, b.appointment_id IS NOT NULL AS named, b.wanted FROM booking_requests b
     WHERE b.tenant_id = $1 AND b.state = 'open' ORDER BY b.kind`,
  );
const atFour = { starts_at: new Date('2026-12-01T10:30:00Z'), patient_id: patient };

describe('what a later event of a call says', () => {
  it('is booked when only then it is certain, and the question to a person is closed', async () => {
    await call(vague, book);
    expect(await booked()).toEqual([atFour]);
    expect(await open()).toEqual([]);
  });

  it('is booked when only then the call asks for a visit at all', async () => {
    await call({ intent: 'ask_price' }, book);
    expect(await booked()).toEqual([atFour]);
    expect(await open()).toEqual([]);
  });

  it.each([
    ['takes the wish back', nothing, {}],
    ['names another time', other, { ...certain, time: '10:00' }],
  ])('and %s leaves the booking, and a person asks what is meant', async (_name, later, wanted) => {
    await call(book, later);
    expect(await booked()).toEqual([atFour]);
    expect(await open()).toEqual([{ kind: 'callback', reason: 'asked_otherwise', named: true, wanted }]);
  });

  it('and says again what was booked asks nobody any more', async () => {
    await call(book, nothing, again);
    expect(await booked()).toEqual([atFour]);
    expect(await open()).toEqual([]);
  });

  it('and asks no more closes what nobody took', async () => {
    await call(vague, nothing);
    expect([await booked(), await open()]).toEqual([[], []]);
  });

  it('is left to the person who has the request, or has closed it', async () => {
    for (const step of [
      'taken_by = gen_random_uuid()',
      `state = 'dismissed', closed_at = now(), closed_by = gen_random_uuid()`,
    ]) {
      const ref = await call(vague);
      await clinic.run(
        `UPDATE booking_requests b SET ${step} FROM voice_calls c WHERE b.tenant_id = $1 AND c.tenant_id = $1 AND c.id = b.call_id AND c.external_id = $2`,
        [ref],
      );
      await clinic.write([clinic.event(ref, book)]);
    }
    expect(await booked()).toEqual([]);
    expect(await open()).toEqual([{ kind: 'book', reason: 'time_unclear', named: false, wanted: noTime }]);
  });

  it('of a visit that a tool booked changes nothing', async () => {
    const ref = `zc_${randomUUID()}`;
    const [row] = await clinic.run(
      `INSERT INTO appointments (tenant_id, id, patient_id, status, starts_at, ends_at, channel, tool_call_id)
       VALUES ($1, gen_random_uuid(), $2, 'scheduled', '2026-12-02T04:00:00Z', '2026-12-02T04:30:00Z', 'voice', 't1') RETURNING id`,
      [patient],
    );
    await clinic.run(
      `INSERT INTO voice_tool_uses (tenant_id, id, tool, call_ref, use_key, ok, code, latency_ms, appointment_id)
       VALUES ($1, gen_random_uuid(), 'book-appointment', $2, 't1', true, 'BOOKED', 12, $3)`,
      [ref, row?.id],
    );
    const events = [vague, book, nothing].map((said) => clinic.event(ref, said));
    await clinic.write(events);
    expect(await booked()).toHaveLength(1);
    expect(await open()).toEqual([]);
  });

  describe('of when it began', () => {
    const midnight = Date.parse('2026-11-30T00:00:00+05:30');
    const secondsTo = (ms: number) => (ms - Date.parse('2026-11-30T08:00:00+05:30')) / 1_000;
    const begins = midnight - 300_000;
    const begun: Said = { status: 'in_progress', began: begins, at: secondsTo(begins) };
    /** Tells "tomorrow" from after midnight. */
    const afterwards: Said = { ...book, began: null, at: secondsTo(midnight + 240_000) };

    it('shows that "tomorrow" was counted from the day after: it is not booked a day late', async () => {
      await call(begun, afterwards);
      expect(await booked()).toEqual([]);
      const { date: __, ...noDate } = certain;
      expect(await open()).toEqual([{ kind: 'book', reason: 'date_unclear', named: false, wanted: noDate }]);
    });

    it('and comes after the booking makes a person ask which day is meant', async () => {
      await call(afterwards, begun);
      expect(await booked()).toHaveLength(1);
      expect(await open()).toMatchObject([{ kind: 'callback', reason: 'asked_otherwise', named: true }]);
    });

    it('on the same day leaves the booking as it was', async () => {
      await call(afterwards, { ...begun, began: midnight + 60_000, at: secondsTo(midnight + 60_000) });
      expect(await booked()).toEqual([atFour]);
      expect(await open()).toEqual([]);
    });
  });

  it('ends the same in any order where the last word is certain: one visit, and nobody is asked', async () => {
    for (const order of permutations([vague, nothing, again])) {
      const before = (await booked()).length;
      await call(...order.map((said) => (said === again ? onDay(said, before + 1) : said)));
      expect(await booked()).toHaveLength(before + 1);
      expect(await open()).toEqual([]);
    }
  });

  it('leaves in any order no visit that is not asked for without a person who knows', async () => {
    for (const order of permutations([vague, book, nothing])) {
      const before = (await booked()).length;
      const asked = (await open()).length;
      await call(...order.map((said) => (said === book ? onDay(said, before + 1) : said)));
      expect((await open()).length - asked).toBe((await booked()).length - before);
    }
  });
});

/** The same on a day of its own. */
function onDay(said: Said, day: number): Said {
  return { ...said, entities: { ...certain, date: `2026-12-0${day}` } };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
