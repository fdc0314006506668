import {
  type RecordParts,
  recordEvent,
  somebody,
} from '@switchboard/domain/records/testing/record-factories';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

let stand: RecordStand;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});

afterAll(() => stand.close());

const at = Date.parse('2026-11-20T05:00:00Z');
const phone = '+919812345678';

const tell = (tenant: TenantSettings, type: string, id: string, parts: RecordParts = {}) =>
  recordEvent(type, id, { tenant_id: tenant.tenantId, occurred_at: at, ...parts });

/** A patient that a call made. */
async function caller(
  tenant: TenantSettings,
  first: string | null,
  last: string | null,
  number = phone,
): Promise<string> {
  const { rows } = await stand.database.admin.query<{ id: string }>(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, gen_random_uuid(), $2, $3, 'voice') RETURNING id`,
    [tenant.tenantId, first, last],
  );
  const id = rows[0]?.id ?? '';
  await stand.database.admin.query(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
    [tenant.tenantId, id, number],
  );
  return id;
}

const merges = (tenant: TenantSettings) =>
  stand.rows(
    `SELECT coalesce(s.external_id, s.first_name) AS survivor, coalesce(a.external_id, a.first_name) AS absorbed FROM patient_merges m
     JOIN patients s ON s.tenant_id = $1 AND s.id = m.survivor_id JOIN patients a ON a.tenant_id = $1 AND a.id = m.absorbed_id
     WHERE m.tenant_id = $1 ORDER BY 1, 2`,
    tenant,
  );
const reviews = (tenant: TenantSettings) =>
  stand.rows(`SELECT entity_kind, state FROM match_reviews WHERE tenant_id = $1 ORDER BY created_at`, tenant);

describe('a patient that the clinic’s system tells of', () => {
  it('is the caller with that number and name, whose calls become the patient’s', async () => {
    const tenant = await stand.newTenant();
    await caller(tenant, 'Asha', 'Rao');
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', { patient: { full_name: 'Asha Rao', phones: ['98123 45678'] } }),
    );
    expect(await merges(tenant)).toEqual([{ survivor: 'P-1', absorbed: 'Asha' }]);
    expect(await reviews(tenant)).toEqual([]);
  });

  it('is the same when the number is told later than the patient is named', async () => {
    const tenant = await stand.newTenant();
    await caller(tenant, 'Asha', 'Rao');
    await stand.write(
      tenant,
      tell(tenant, 'journey.started', 'J-1', { journey: { patient: somebody({ external_id: 'P-1' }) } }),
    );
    expect(await merges(tenant)).toEqual([]);
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', { patient: { full_name: 'Asha Rao', phones: [phone] } }),
    );
    expect(await merges(tenant)).toEqual([{ survivor: 'P-1', absorbed: 'Asha' }]);
  });

  it('is never a caller of another name from the family’s phone', async () => {
    const tenant = await stand.newTenant();
    await caller(tenant, 'Rakesh', 'Rao');
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', { patient: { full_name: 'Sunita Rao', phones: [phone] } }),
    );
    expect(await merges(tenant)).toEqual([]);
  });

  it('is nobody yet, by the family’s phone alone, and whoever it is once a name is told', async () => {
    const tenant = await stand.newTenant();
    await caller(tenant, 'Rakesh', 'Rao');
    const booked = tell(tenant, 'appointment.booked', 'A-1', {
      appointment: { start: at, patient: somebody({ external_id: 'P-1', phones: [phone] }) },
    });
    await stand.write(tenant, booked);
    expect(await merges(tenant)).toEqual([]);
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', { patient: { full_name: 'Rakesh Rao' } }),
    );
    expect(await merges(tenant)).toEqual([{ survivor: 'P-1', absorbed: 'Rakesh' }]);
  });

  it('keeps its conversation when it was merged between two messages', async () => {
    const tenant = await stand.newTenant();
    const message = (id: string, patient: string, occurred_at: number) =>
      tell(tenant, 'message.sent', id, {
        occurred_at,
        message: {
          channel: 'whatsapp',
          direction: 'inbound',
          conversation: 'C-1',
          patient: somebody({ external_id: patient }),
        },
      });
    await stand.write(tenant, message('M-1', 'P-1', at));
    await stand.write(
      tenant,
      tell(tenant, 'patient.merged', 'P-1', { occurred_at: at + 1, patient: { merged_into: 'P-2' } }),
    );
    await stand.write(tenant, message('M-2', 'P-2', at + 2));
    expect(
      await stand.rows(
        `SELECT p.external_id FROM conversations c LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = c.patient_id WHERE c.tenant_id = $1`,
        tenant,
      ),
    ).toEqual([{ external_id: 'P-2' }]);
  });

  it('is a question where two callers may be it', async () => {
    const tenant = await stand.newTenant();
    await caller(tenant, null, null);
    await caller(tenant, null, null);
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', { patient: { full_name: 'Asha Rao', phones: [phone] } }),
    );
    expect(await merges(tenant)).toEqual([]);
    expect(await reviews(tenant)).toEqual([{ entity_kind: 'patient', state: 'open' }]);
  });

  it('is never another patient of the clinic’s system, however alike', async () => {
    const tenant = await stand.newTenant();
    const twin = { full_name: 'Asha Rao', phones: [phone], date_of_birth: '1988-04-12' };
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', { patient: twin }),
      tell(tenant, 'patient.created', 'P-2', { patient: twin }),
    );
    expect(await merges(tenant)).toEqual([]);
    expect(await reviews(tenant)).toEqual([]);
  });

  it('keeps numbers that others added, and loses those that its system takes back', async () => {
    const tenant = await stand.newTenant();
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', {
        patient: {
          phones: [phone, 'none'],
          email: 'A@b.example',
          identifiers: [{ system: 'MRN', value: ' 77 ' }],
        },
      }),
    );
    const [patient] = await stand.rows('SELECT id FROM patients WHERE tenant_id = $1', tenant);
    await stand.database.admin.query(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', '+919800000001')`,
      [tenant.tenantId, patient?.id],
    );
    await stand.write(
      tenant,
      tell(tenant, 'patient.updated', 'P-1', {
        occurred_at: at + 1,
        patient: { phones: ['+919800000002'] },
        cleared: ['email'],
      }),
    );
    expect((await stand.endState(tenant)).patients).toMatchObject([
      { identifiers: ['mrn 77', 'phone +919800000001', 'phone +919800000002'] },
    ]);
  });
});

describe('patients that were merged there', () => {
  it('are merged here with all they have, though one was never heard of', async () => {
    const tenant = await stand.newTenant();
    await stand.write(
      tenant,
      tell(tenant, 'appointment.booked', 'A-1', {
        appointment: { start: at, patient: somebody({ external_id: 'P-2' }) },
      }),
    );
    await stand.write(tenant, tell(tenant, 'patient.merged', 'P-2', { patient: { merged_into: 'P-1' } }));
    await stand.write(
      tenant,
      tell(tenant, 'appointment.booked', 'A-2', {
        appointment: { start: at, patient: somebody({ external_id: 'P-2' }) },
      }),
    );
    expect(await stand.endState(tenant)).toMatchObject({
      appointments: [
        { patient: 'P-1', original_patient: 'P-2' },
        { patient: 'P-1', original_patient: 'P-2' },
      ],
      patients: [
        { into: null, row: { external_id: 'P-1', placeholder: true } },
        { into: 'P-1', row: { external_id: 'P-2', status: 'merged' } },
      ],
    });
    expect(await stand.restate(tenant)).toBe(0);
  });

  it.each([
    ['one after the other', [[0], [1]]],
    ['the correction first', [[1], [0]]],
    ['together', [[0, 1]]],
    ['together, the correction first', [[1, 0]]],
    ['and told again', [[1], [0], [1], [0]]],
  ])('and then the other way round are one as was said last: %s', async (_, order) => {
    const tenant = await stand.newTenant();
    await stand.write(
      tenant,
      tell(tenant, 'appointment.booked', 'A-1', {
        appointment: { start: at, patient: somebody({ external_id: 'P-1' }) },
      }),
    );
    const merge = (id: string, into: string, minutes: number) =>
      tell(tenant, 'patient.merged', id, {
        occurred_at: at + minutes * 60_000,
        patient: { merged_into: into },
      });
    const events = [merge('P-1', 'P-2', 1), merge('P-2', 'P-1', 2)];
    for (const batch of order) await stand.write(tenant, ...batch.flatMap((index) => events[index] ?? []));
    expect(await stand.endState(tenant)).toMatchObject({
      appointments: [{ patient: 'P-1' }],
      patients: [{ into: null }, { into: 'P-1', row: { external_id: 'P-2', status: 'merged' } }],
    });
    expect(await stand.restate(tenant)).toBe(0);
  });
});

describe('a visitor whom the clinic’s system does not number', () => {
  it('is a patient of its own, or the one it is for certain', async () => {
    const tenant = await stand.newTenant();
    const visit = (id: string, name: string, number: string) =>
      tell(tenant, 'appointment.booked', id, {
        appointment: { start: at, patient: somebody({ full_name: name, phones: [number] }) },
      });
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', { patient: { full_name: 'Asha Rao', phones: [phone] } }),
    );
    await stand.write(tenant, visit('A-1', 'Asha Rao', phone), visit('A-2', 'Ravi Shah', '+919800000003'));
    expect((await stand.endState(tenant)).appointments).toMatchObject([
      { patient: 'P-1' },
      { patient: 'unnumbered' },
    ]);
    expect(
      await stand.rows(
        `SELECT first_name FROM patients WHERE tenant_id = $1 AND status = 'active' ORDER BY 1`,
        tenant,
      ),
    ).toEqual([{ first_name: 'Asha' }, { first_name: 'Ravi' }]);
  });
});

describe('messages', () => {
  const message = (tenant: TenantSettings, id: string, minute: number, details: RecordParts['message']) =>
    tell(tenant, 'message.sent', id, {
      message: { channel: 'sms', sent_at: at + minute * 60_000, body: `text of ${id}`, ...details },
    });
  const conversations = (tenant: TenantSettings) =>
    stand.rows(
      `SELECT c.state, c.unread, c.reopened, p.external_id AS patient,
         (SELECT count(*)::int FROM conversation_messages m WHERE m.tenant_id = $1 AND m.conversation_id = c.id) AS messages
       FROM conversations c LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = c.patient_id WHERE c.tenant_id = $1 ORDER BY c.began_at`,
      tenant,
    );

  it('with one number are one conversation, of whom the number is for certain, whoever was told first', async () => {
    const tenant = await stand.newTenant();
    await stand.write(tenant, message(tenant, 'M-1', 0, { to_address: '98123 45678' }));
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', { patient: { full_name: 'Asha Rao', phones: [phone] } }),
    );
    await stand.write(
      tenant,
      message(tenant, 'M-2', 5, { direction: 'inbound', from_address: phone }),
      message(tenant, 'M-3', 6, { direction: 'inbound', from_address: phone }),
    );
    expect(await conversations(tenant)).toEqual([
      { state: 'open', unread: 2, reopened: 0, patient: 'P-1', messages: 3 },
    ]);
    await stand.write(tenant, message(tenant, 'M-4', 9, { to_address: phone, status: 'delivered' }));
    expect(await conversations(tenant)).toEqual([
      { state: 'open', unread: 0, reopened: 0, patient: 'P-1', messages: 4 },
    ]);
  });

  it('of a number that two share are nobody’s until somebody decides', async () => {
    const tenant = await stand.newTenant();
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-1', { patient: { full_name: 'Asha Rao', phones: [phone] } }),
      message(tenant, 'M-1', 0, { to_address: phone }),
    );
    expect(await conversations(tenant)).toMatchObject([{ patient: 'P-1' }]);
    await stand.write(
      tenant,
      tell(tenant, 'patient.created', 'P-2', { patient: { full_name: 'Ravi Rao', phones: [phone] } }),
    );
    expect(await conversations(tenant)).toMatchObject([{ patient: null }]);
    expect(await reviews(tenant)).toEqual([{ entity_kind: 'conversation', state: 'open' }]);
    await stand.write(
      tenant,
      message(tenant, 'M-2', 1, { to_address: phone, patient: somebody({ external_id: 'P-2' }) }),
    );
    expect(await conversations(tenant)).toMatchObject([{ patient: 'P-2' }]);
    expect(await reviews(tenant)).toEqual([{ entity_kind: 'conversation', state: 'obsolete' }]);
  });

  it('open a conversation again within the clinic’s days, and begin another after', async () => {
    const tenant = await stand.newTenant();
    const inbound = { direction: 'inbound', from_address: phone };
    const day = 24 * 60;
    await stand.write(tenant, message(tenant, 'M-1', 0, inbound));
    const resolve = (minute: number) =>
      stand.database.admin.query(
        `UPDATE conversations SET state = 'resolved', resolved_at = $2, unread = 0 WHERE tenant_id = $1 AND state = 'open'`,
        [tenant.tenantId, new Date(at + minute * 60_000)],
      );
    await resolve(10);
    await stand.write(tenant, message(tenant, 'M-2', 11, { to_address: phone }));
    expect(await conversations(tenant)).toMatchObject([{ state: 'resolved', messages: 2 }]);
    await stand.write(tenant, message(tenant, 'M-3', 6 * day, inbound));
    expect(await conversations(tenant)).toMatchObject([
      { state: 'open', reopened: 1, unread: 1, messages: 3 },
    ]);
    await resolve(6 * day + 5);
    await stand.write(tenant, message(tenant, 'M-4', 20 * day, inbound));
    expect(await conversations(tenant)).toMatchObject([
      { state: 'resolved', messages: 3 },
      { state: 'open', messages: 1 },
    ]);
  });

  it('of a mail address, or of a conversation that the sender names, have their own', async () => {
    const tenant = await stand.newTenant();
    await stand.write(
      tenant,
      message(tenant, 'M-1', 0, { channel: 'email', to_address: 'Asha@Example.com' }),
      message(tenant, 'M-2', 1, { channel: 'email', direction: 'inbound', from_address: 'asha@example.com' }),
      message(tenant, 'M-3', 2, { to_address: phone, conversation: 'C-9' }),
      message(tenant, 'M-4', 3, { to_address: '+919800000004', conversation: 'C-9' }),
      message(tenant, 'M-5', 4, {}),
    );
    expect((await conversations(tenant)).map(({ messages }) => messages)).toEqual([2, 2, 1]);
  });
});
