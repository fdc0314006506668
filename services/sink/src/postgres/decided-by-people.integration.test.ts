import { randomUUID } from 'node:crypto';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { decideReview, type ReviewDecision } from '@switchboard/postgres/people/decide-review';
import { mergePatients, unmergePatients } from '@switchboard/postgres/people/merge-patients';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { messageEvent } from './messages/testing/message-events.ts';
import { writeMessagingEvents } from './messages/write-messaging-events.ts';
import { writeEvents } from './write-events.ts';

const phone = '+919812345678';
const start = Date.parse('2026-11-20T05:00:00Z');
const pseudonymKey = Buffer.alloc(32, 7);
const userId = randomUUID();
let database: TestDatabase;
let sink: Pool;
let api: Pool;
let tenant: TenantSettings;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  sink = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test-sink' });
  api = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test-api' });
});
afterAll(async () => {
  await sink?.end();
  await api?.end();
  await database?.drop();
});
beforeEach(async () => {
  const id = await database.addTenant();
  const settings = (await loadTenantSettings(sink, [id])).get(id);
  if (!settings) throw new Error('the clinic was just made');
  tenant = settings;
});

const rows = async (sql: string) => (await database.admin.query(sql, [tenant.tenantId])).rows;

let events = 0;
/** What an event tells besides: another phone than the family's. */
type More = { dob?: string; from?: string };
/** An event of a call from the family's phone, later than all before. */
function eventOf(callId: string, name: string | null, more: More = {}) {
  events += 1;
  const received = receivedEvent({
    tenant_id: tenant.tenantId,
    call_id: callId,
    event_type: 'call.analyzed',
    occurred_at: start + events * 1_000,
    call: { from_number: more.from ?? phone, started_at: start, status: 'completed' },
  });
  const event = enrichedEvent(received, { contact_name: name, contact_date_of_birth: more.dob ?? null });
  return { event, traceparent: null };
}
const take = (...taken: ReturnType<typeof eventOf>[]) =>
  writeEvents({ pool: sink, pseudonymKey, now: Date.now }, tenant, taken);
const tell = (callId: string, name: string | null, more?: More) => take(eventOf(callId, name, more));

/** With a last name, unless nobody knows the first either. */
async function addPatient(first: string | null, phones: readonly string[]): Promise<string> {
  const id = randomUUID();
  await database.admin.query(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, $2, $3, $4, 'desk')`,
    [tenant.tenantId, id, first, first && 'Rao'],
  );
  for (const value of phones)
    await database.admin.query(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
      [tenant.tenantId, id, value],
    );
  return id;
}

const decide = (reviewId: string, decision: ReviewDecision) =>
  withTenant(api, tenant.tenantId, (client) =>
    decideReview(client, { tenant, pseudonymKey, reviewId, decision, userId, now: Date.now() }),
  );

const reviews = () =>
  rows(
    `SELECT id, state, candidates, patient_id, decided_by FROM match_reviews WHERE tenant_id = $1 ORDER BY created_at`,
  );
const callsOf = () =>
  rows(
    `SELECT c.external_id, c.patient_id, c.original_patient_id, v.patient_id AS of_conversation, v.original_patient_id AS original_of_conversation
     FROM voice_calls c JOIN conversations v ON v.tenant_id = $1 AND v.id = c.conversation_id
     WHERE c.tenant_id = $1 ORDER BY c.external_id`,
  );
const linked = (external_id: string, patient: string | null, original = patient) => ({
  external_id,
  patient_id: patient,
  original_patient_id: original,
  of_conversation: patient,
  original_of_conversation: original,
});

describe('a call in doubt', () => {
  it('opens one review with its candidates, which is obsolete once the call says who it is', async () => {
    const [ravi, meera] = [await addPatient('Ravi', [phone]), await addPatient('Meera', [phone])];
    await tell('family', null);
    const [open, ...more] = await reviews();
    expect(more).toEqual([]);
    expect(open).toMatchObject({ state: 'open', patient_id: null });
    expect(new Set(open?.candidates.map((one: { patient_id: string }) => one.patient_id))).toEqual(
      new Set([ravi, meera]),
    );
    expect(open?.candidates[0]).toMatchObject({
      score: expect.any(Number),
      breakdown: { phone: expect.any(Number) },
    });
    await tell('family', 'Ravi Rao');
    expect(await reviews()).toMatchObject([{ id: open?.id, state: 'obsolete' }]);
    expect(await callsOf()).toEqual([linked('family', ravi)]);
  });

  it.each(['link', 'new', 'reject'] as const)(
    'that a person decided (%s) stays so, whatever its later events say',
    async (kind) => {
      const [ravi, meera] = [await addPatient('Ravi', [phone]), await addPatient('Meera', [phone])];
      await tell('family', null);
      const [review] = await reviews();
      const decision: ReviewDecision =
        kind === 'link'
          ? { kind, patientId: meera }
          : kind === 'new'
            ? { kind, patient: { firstName: 'Sunil', lastName: 'Rao' } }
            : { kind };
      const { patientId } = await decide(review?.id, decision);
      expect(await callsOf()).toEqual([linked('family', patientId)]);
      const before = [await reviews(), await rows('SELECT * FROM match_decisions WHERE tenant_id = $1')];
      expect(before[1]).toMatchObject([
        { decision: kind === 'reject' ? 'none' : kind, patient_id: patientId, decided_by: userId },
      ]);
      // The clinic's earlier and the call's later word for Ravi.
      await tell('family', 'Ravi Rao', { dob: '1980-02-03' });
      expect(await callsOf()).toEqual([linked('family', patientId)]);
      expect([await reviews(), await rows('SELECT * FROM match_decisions WHERE tenant_id = $1')]).toEqual(
        before,
      );
      expect([ravi, meera]).not.toContain(kind === 'new' ? patientId : null);
      // Another call says nothing of this one, and does not take the new patient away.
      await tell('another', 'Ravi Rao');
      expect(await callsOf()).toEqual([linked('another', ravi), linked('family', patientId)]);
      await expect(decide(review?.id, { kind: 'reject' })).rejects.toMatchObject({ code: 'review_decided' });
    },
  );

  it('whose decision fails half way is as it was', async () => {
    await addPatient('Ravi', [phone]);
    await addPatient('Meera', [phone]);
    await tell('family', null);
    const before = [await reviews(), await callsOf()];
    await expect(decide(before[0]?.[0]?.id, { kind: 'link', patientId: randomUUID() })).rejects.toMatchObject(
      {
        code: 'patient_unknown',
      },
    );
    expect([await reviews(), await callsOf()]).toEqual(before);
  });
});

describe('somebody unknown who wrote before calling', () => {
  const other = '+919898989898';
  beforeEach(async () => {
    const event = messageEvent(
      tenant.tenantId,
      start,
      { message_id: 'SM1', direction: 'inbound', body: 'Hello' },
      null,
      phone,
    );
    await writeMessagingEvents({ pool: sink, pseudonymKey, now: Date.now }, tenant, [
      { event, traceparent: null },
    ]);
  });
  const written = () =>
    rows(
      `SELECT patient_id, original_patient_id FROM conversations WHERE tenant_id = $1 AND channel = 'whatsapp'`,
    );
  const stated = () =>
    rows(
      `SELECT DISTINCT statement ->> 'patient_id' AS of FROM fact_current WHERE tenant_id = $1 AND kind = 'message'`,
    );
  const phones = () =>
    rows(
      `SELECT p.first_name, i.value AS phone FROM patients p
       LEFT JOIN patient_identifiers i ON i.tenant_id = $1 AND i.patient_id = p.id WHERE p.tenant_id = $1 ORDER BY 1`,
    );
  const nobodys = [{ patient_id: null, original_patient_id: null }];

  it('has written what is found by the number, once the call makes a patient', async () => {
    await tell('first', 'Asha Rao');
    const [{ patient_id: made }] = await callsOf();
    expect(await written()).toEqual([{ patient_id: made, original_patient_id: made }]);
    expect(await stated()).toEqual([{ of: made }]);
  });

  it.each([['in two batches'], ['in one']])(
    'is somebody else again, once the call turns out to be from another number, %s',
    async (batches) => {
      const told = [eventOf('first', 'Asha Rao'), eventOf('first', 'Asha Rao', { from: other })];
      if (batches === 'in one') await take(...told);
      else for (const one of told) await take(one);
      expect(await phones()).toEqual([{ first_name: 'Asha', phone: other }]);
      expect(await written()).toEqual(nobodys);
      expect(await stated()).toEqual([{ of: '00000000-0000-0000-0000-000000000000' }]);
    },
  );

  it('is nobody again, once the call turns out to be of somebody known', async () => {
    const ravi = await addPatient('Ravi', [other]);
    await tell('first', 'Ravi Rao');
    await tell('first', 'Ravi Rao', { from: other });
    expect(await callsOf()).toEqual([linked('first', ravi)]);
    expect(await phones()).toEqual([{ first_name: 'Ravi', phone: other }]);
    expect(await written()).toEqual(nobodys);
    expect(await stated()).toEqual([{ of: '00000000-0000-0000-0000-000000000000' }]);
  });

  it('stays who a person said it is, though the call turns out to be from another number', async () => {
    await tell('first', 'Asha Rao');
    const [{ patient_id: made }] = await callsOf();
    await rows(
      `UPDATE match_decisions SET decided_by = gen_random_uuid() WHERE tenant_id = $1 AND entity_kind = 'conversation'`,
    );
    await tell('first', 'Asha Rao', { from: other });
    expect(await written()).toEqual([{ patient_id: made, original_patient_id: made }]);
    expect(await phones()).toEqual([
      { first_name: 'Asha', phone },
      { first_name: 'Asha', phone: other },
    ]);
  });
});

describe('a patient that was merged', () => {
  const change = { by: { userId }, now: start };
  const merge = (survivorId: string, absorbedId: string) =>
    withTenant(api, tenant.tenantId, (client) =>
      mergePatients(client, { tenant, pseudonymKey, survivorId, absorbedId, ...change }),
    );
  const unmerge = (survivorId: string, absorbedId: string) =>
    withTenant(api, tenant.tenantId, (client) =>
      unmergePatients(client, { tenant, pseudonymKey, survivorId, absorbedId, ...change }),
    );

  it('is called by its own phone still: as the survivor now, as itself once the merge is undone', async () => {
    const other = '+919898989898';
    const [kept, gone] = [await addPatient('Ravi', [phone]), await addPatient('Ravi', [other])];
    await merge(kept, gone);
    await tell('by-own', 'Ravi Rao', { from: other });
    await tell('by-kept', 'Ravi Rao');
    expect(await callsOf()).toEqual([linked('by-kept', kept), linked('by-own', kept, gone)]);
    await tell('by-own', 'Ravi Rao', { from: other, dob: '1980-02-03' });
    expect(await callsOf()).toEqual([linked('by-kept', kept), linked('by-own', kept, gone)]);
    await unmerge(kept, gone);
    expect(await callsOf()).toEqual([linked('by-kept', kept), linked('by-own', gone)]);
  });

  it('has back, once the merge is undone, the call that a person gave it, though its number was corrected since', async () => {
    const other = '+919898989898';
    const [kept, gone] = [await addPatient('Ravi', [phone]), await addPatient('Meera', [other])];
    await addPatient('Sunil', [other]);
    await tell('given', null, { from: other });
    const [review] = await reviews();
    await decide(review?.id, { kind: 'link', patientId: gone });
    await merge(kept, gone);
    await tell('given', null, { from: phone });
    expect(await callsOf()).toEqual([linked('given', kept, gone)]);
    await unmerge(kept, gone);
    expect(await callsOf()).toEqual([linked('given', gone)]);
  });

  it('keeps no call that turns out to be from the phone of another who was merged, too', async () => {
    const [second, third] = ['+919898989898', '+919877777777'];
    const [kept, gone] = [await addPatient('Ravi', [phone]), await addPatient('Ravi', [second])];
    const other = await addPatient('Ravi', [third]);
    await merge(kept, gone);
    await merge(kept, other);
    await tell('corrected', 'Ravi Rao', { from: second });
    await tell('corrected', 'Ravi Rao', { from: third });
    expect(await callsOf()).toEqual([linked('corrected', kept, other)]);
    await unmerge(kept, other);
    expect(await callsOf()).toEqual([linked('corrected', other)]);
  });

  it('takes along the name and birth date that its call told meanwhile: they prove nobody else', async () => {
    const other = '+919898989898';
    const [kept, gone] = [await addPatient(null, [phone]), await addPatient(null, [other])];
    const named = () =>
      rows(
        `SELECT p.id, first_name, last_name, date_of_birth::text AS born, c.external_id AS told_by FROM patients p
         LEFT JOIN voice_calls c ON c.tenant_id = $1 AND c.id = p.name_call_id
         WHERE p.tenant_id = $1`,
      );
    const nameless = { first_name: null, last_name: null, born: null, told_by: null };
    const ravi = { first_name: 'Ravi', last_name: 'Rao', born: '1980-02-03', told_by: 'by-own' };
    const whose = async (id: string) => (await named()).find((one) => one.id === id);
    await merge(kept, gone);
    await tell('by-own', 'Ravi Rao', { from: other, dob: '1980-02-03' });
    expect(await whose(kept)).toEqual({ id: kept, ...ravi });
    await unmerge(kept, gone);
    expect(await whose(kept)).toEqual({ id: kept, ...nameless });
    expect(await whose(gone)).toEqual({ id: gone, ...ravi });
    await tell('by-own', 'Ravi Rao', { from: other, dob: '1980-02-03' });
    await tell('by-kept', 'Meera Rao', { dob: '1985-06-07' });
    expect(await whose(kept)).toMatchObject({ first_name: 'Meera', born: '1985-06-07' });
    expect(await whose(gone)).toEqual({ id: gone, ...ravi });
    expect(await callsOf()).toEqual([linked('by-kept', kept), linked('by-own', gone)]);
  });

  it('is not removed with the call that made it, nor is one with appointments', async () => {
    await tell('first', 'Asha Rao');
    const [{ patient_id: made }] = await callsOf();
    const older = await addPatient('Asha', []);
    await merge(made, older);
    // The call turns out to be from a phone of somebody well known.
    const known = '+919811111111';
    const ravi = await addPatient('Ravi', [known]);
    await tell('first', 'Ravi Rao', { from: known });
    expect(await callsOf()).toEqual([linked('first', ravi)]);
    expect(
      await rows(
        `SELECT id, status FROM patients WHERE tenant_id = $1 AND first_name = 'Asha' ORDER BY status`,
      ),
    ).toEqual([
      { id: made, status: 'active' },
      { id: older, status: 'merged' },
    ]);

    await tell('second', 'Sita Iyer', { from: '+919822222222' });
    const second = (await callsOf()).find(({ external_id }) => external_id === 'second')?.patient_id;
    await database.admin.query(
      `INSERT INTO appointments (tenant_id, id, status, starts_at, ends_at, channel, patient_id)
       VALUES ($1, gen_random_uuid(), 'scheduled', '2026-12-01T04:00:00Z', '2026-12-01T04:30:00Z', 'voice', $2)`,
      [tenant.tenantId, second],
    );
    // The call itself may correct the name that it told.
    await tell('second', 'Sita Iyengar', { from: '+919822222222' });
    expect(
      await rows(`SELECT first_name, last_name FROM patients WHERE tenant_id = $1 AND first_name = 'Sita'`),
    ).toEqual([{ first_name: 'Sita', last_name: 'Iyengar' }]);
    await tell('second', 'Ravi Rao', { from: known });
    expect((await callsOf()).at(-1)).toEqual(linked('second', ravi));
    expect(await rows(`SELECT 1 FROM patients WHERE tenant_id = $1 AND first_name = 'Sita'`)).toHaveLength(1);
  });
});
