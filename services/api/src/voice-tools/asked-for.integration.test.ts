import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createTestClient, type TestClient } from '../testing/client.ts';
import { type ApiClinic, startApiClinic } from '../testing/clinic.ts';
import { addPatient, useTool } from './testing/tool-clinic.ts';

let clinic: ApiClinic;
let agent: TestClient;
const [mehta, bandra, andheri, consultation] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const [phone, familyPhone] = ['+919812345678', '+919812345679'];
/** Monday, eight in the morning. */
const now = Date.parse('2026-11-30T08:00:00+05:30');
const patient = { first_name: 'Kiran', last_name: 'Rao', phone: '+919800000055' };
let ashaId: string;

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'), { now: () => now });
  agent = createTestClient(clinic.url, {
    'x-api-key': await clinic.addKey(clinic.tenantId, ['voice:tools']),
  });
  await clinic.run(
    `INSERT INTO locations (tenant_id, id, name, time_zone)
     VALUES ($1, $2, 'Bandra', 'Asia/Kolkata'), ($1, $3, 'Andheri', 'Asia/Kolkata')`,
    [bandra, andheri],
  );
  await clinic.run(
    `INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'Dr. Rohan Mehta')`,
    [mehta],
  );
  await clinic.run(
    `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
     SELECT $1, gen_random_uuid(), $2, place, weekday, starts::time, ends::time
     FROM generate_series(1, 7) AS weekday, (VALUES ($3::uuid, '09:00', '12:00'), ($4, '12:00', '17:00')) AS t (place, starts, ends)`,
    [mehta, bandra, andheri],
  );
  await clinic.run(
    `INSERT INTO appointment_types (tenant_id, id, name, duration_minutes)
     VALUES ($1, $2, 'Consultation', 30), ($1, gen_random_uuid(), 'Health check', 60)`,
    [consultation],
  );
  ashaId = await addPatient(clinic, ['Asha', 'Deshpande', '1984-03-09', phone]);
  await addPatient(clinic, ['Lata', 'Patil', '1975-11-02', familyPhone]);
  await addPatient(clinic, ['Riya', 'Patil', '2009-01-30', familyPhone]);
});
afterAll(() => clinic?.stop());

const use = (tool: string, body: Record<string, unknown>) => useTool(agent, tool, body);
const book = (body: Record<string, unknown>) => use('book-appointment', { call_id: randomUUID(), ...body });
const at = (start: string) => ({ practitioner_id: mehta, start: `${start}:00+05:30` });

/** A call whose caller proved to be Asha. */
async function provenCall(): Promise<string> {
  const call_id = randomUUID();
  await use('patient-lookup', { call_id, phone, name: 'Asha Deshpande', date_of_birth: '1984-03-09' });
  return call_id;
}

describe('where', () => {
  test('is said in a clinic of more than one place, in English and in Hindi', async () => {
    const read = await use('available-slots', { date_from: 'tomorrow', time_of_day: '11:30 am' });
    expect(read.slots?.map(({ spoken }) => spoken)).toContain(
      'tomorrow at noon with Dr. Rohan Mehta at Andheri',
    );
    expect(read.spoken).toContain('eleven thirty in the morning with Dr. Rohan Mehta at Bandra');
    const call_id = await provenCall();
    const made = await book({ ...at('2026-12-01T09:00'), call_id, patient_id: ashaId });
    expect(made.spoken).toMatch(
      /^You are booked tomorrow at nine in the morning with Dr\. Rohan Mehta at Bandra\./,
    );
    const found = await use('patient-lookup', { call_id, phone, date_of_birth: '1984-03-09' });
    expect(found).toMatchObject({
      upcoming: [{ spoken: 'tomorrow at nine in the morning with Dr. Rohan Mehta at Bandra' }],
    });
    const moved = await use('reschedule-appointment', {
      call_id,
      language: 'hi',
      appointment_id: made.appointment?.id,
      ...at('2026-12-01T13:00'),
    });
    expect(moved.spoken).toBe('आपका अपॉइंटमेंट अब आने वाले कल दोपहर एक बजे Andheri में Dr. Rohan Mehta के साथ है।');
  });

  test('one wanted to come is where other times are, too', async () => {
    const { slots } = await use('available-slots', { date_from: '2026-12-03', location_id: andheri });
    const slot_id = slots?.[0]?.slot_id;
    expect(await book({ slot_id, patient })).toMatchObject({
      ok: true,
      appointment: { location: { id: andheri } },
    });
    for (let asked = slot_id, tries = 0; tries < 2; tries++) {
      const taken = await book({ slot_id: asked, patient: { ...patient, phone: `+91980000006${tries}` } });
      expect(taken).toMatchObject({
        code: 'SLOT_TAKEN',
        alternatives: Array(3).fill({ location: { id: andheri } }),
      });
      asked = taken.alternatives?.[0]?.slot_id;
      await book({ slot_id: asked, patient });
    }
  });

  test('one wanted to come is not given up where the practitioner works elsewhere by now', async () => {
    const { slots } = await use('available-slots', { date_from: '2026-12-04', location_id: andheri });
    // A Friday.
    await clinic.run(
      'UPDATE practitioner_schedules SET location_id = $3 WHERE tenant_id = $1 AND practitioner_id = $2 AND weekday = 5',
      [mehta, bandra],
    );
    expect(await book({ slot_id: slots?.[0]?.slot_id, patient })).toMatchObject({
      ok: false,
      code: 'OUTSIDE_HOURS',
    });
  });
});

describe('the kind of visit', () => {
  test('is told where it is not one of the clinic’s', async () => {
    const kind = { id: consultation, name: 'Consultation' };
    const notice = /^I do not know that kind of visit, so this is for Consultation\. /;
    const read = await use('available-slots', { date_from: '2026-12-07', appointment_type: 'x-ray' });
    expect(read).toMatchObject({ ok: true, slots: Array(3).fill({ appointment_type: kind }) });
    expect(read.spoken).toMatch(notice);
    const made = await book({ ...at('2026-12-07T09:00'), appointment_type: 'x-ray', patient });
    expect(made).toMatchObject({ code: 'BOOKED', appointment: { appointment_type: kind } });
    expect(made.spoken).toMatch(notice);
    const hindi = await book({
      ...at('2026-12-07T09:00'),
      appointment_type: 'x-ray',
      patient,
      language: 'hi',
    });
    expect(hindi.spoken).toMatch(/^मुझे उस तरह का अपॉइंटमेंट नहीं मिला, इसलिए यह Consultation के लिए है। /);
  });

  test.each([
    ['health checkup', 'Health check'],
    [consultation, 'Consultation'],
    [undefined, 'Consultation'],
  ])('is understood: %s', async (appointment_type, name) => {
    const read = await use('available-slots', { date_from: '2026-12-08', appointment_type });
    expect(read).toMatchObject({ slots: Array(3).fill({ appointment_type: { name } }) });
    expect(read.spoken).toMatch(/^I have /);
  });
});

describe('who comes', () => {
  test('is asked about on a family’s phone, where the name tells nobody', async () => {
    const call_id = `zc_${randomUUID()}`;
    await clinic.run(
      `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, contact_phone, merge_state, began_at)
       VALUES ($1, gen_random_uuid(), 'zoice', $2, 'inbound', $3, '{}', now())`,
      [call_id, familyPhone],
    );
    const family = { call_id, patient: { first_name: 'Patil' } };
    expect(await book({ ...at('2026-12-09T09:00'), ...family })).toMatchObject({
      ok: false,
      code: 'PATIENT_AMBIGUOUS',
      retryable: true,
      spoken: expect.stringContaining('date of birth'),
    });
  });

  test('is asked about where no number is known', async () => {
    const person = { first_name: 'Kiran', last_name: 'Rao' };
    expect(await book({ ...at('2026-12-09T09:00'), patient: person })).toMatchObject({
      ok: false,
      code: 'PATIENT_NOT_FOUND',
      retryable: true,
      spoken: expect.stringContaining('phone number'),
    });
  });
});

test.each([
  ['checked_in', '2026-12-10T09:00'],
  ['scheduled', '2026-11-29T09:00'],
])('a visit that is %s and begins %s is the clinic’s people’s to change', async (status, starts) => {
  const [call_id, appointment_id] = [await provenCall(), randomUUID()];
  await clinic.run(
    `INSERT INTO appointments (tenant_id, id, patient_id, practitioner_id, location_id, status, starts_at, ends_at, channel)
     VALUES ($1, $2, $3, $4, $5, $6, $7::timestamptz, $7::timestamptz + interval '30 minutes', 'desk')`,
    [appointment_id, ashaId, mehta, bandra, status, at(starts).start],
  );
  const which = { call_id, appointment_id };
  for (const refused of [
    await use('cancel-appointment', which),
    await use('reschedule-appointment', { ...which, ...at('2026-12-11T09:00') }),
  ])
    expect(refused).toMatchObject({ ok: false, code: 'NEEDS_HUMAN', retryable: false });
});
