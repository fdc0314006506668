import {
  type RecordParts,
  recordEvent,
  somebody,
} from '@switchboard/domain/records/testing/record-factories';
import { withTenant } from '@switchboard/postgres';
import { unmergePatients } from '@switchboard/postgres/people/merge-patients';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

const start = Date.parse('2026-11-20T05:00:00Z');
const phone = '+919812345678';
let stand: RecordStand;
let tenant: TenantSettings;
let clock: number;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());
beforeEach(async () => {
  tenant = await stand.newTenant();
  clock = start;
});

/** Each later than the one before it. */
function tell(type: string, id: string, parts: RecordParts) {
  clock += 60_000;
  return recordEvent(type, id, { tenant_id: tenant.tenantId, occurred_at: clock, ...parts });
}

const message = (id: string, details: RecordParts['message']) =>
  tell('message.sent', id, { message: { channel: 'sms', sent_at: start, to_address: phone, ...details } });
const of = (external_id: string) => ({ patient: somebody({ external_id }) });

const conversations = () =>
  stand.rows(
    `SELECT (SELECT external_id FROM patients p WHERE p.tenant_id = $1 AND p.id = c.patient_id) AS patient, unread,
       (extract(epoch FROM last_inbound_at) * 1000)::float8 AS inbound FROM conversations c WHERE tenant_id = $1 ORDER BY created_at`,
    tenant,
  );
const patients = async () => (await conversations()).map(({ patient }) => patient);
/** Facts must be what the rows say, as at the end of each test. */
const isStated = async () => expect(await stand.restate(tenant)).toBe(0);

describe('a conversation of two patients', () => {
  it('is the patient’s who both turn out to be, and nobody’s again when they are told apart', async () => {
    await stand.write(tenant, message('M-1', of('P-1')), message('M-2', of('P-2')));
    expect(await patients()).toEqual([null]);
    await stand.write(tenant, tell('patient.merged', 'P-2', { patient: { merged_into: 'P-1' } }));
    expect(await patients()).toEqual(['P-1']);
    await isStated();
    const ids = await stand.rows('SELECT external_id, id FROM patients WHERE tenant_id = $1', tenant);
    const idOf = (name: string) => String(ids.find(({ external_id }) => external_id === name)?.id);
    const [user] = await stand.rows(
      `INSERT INTO users (tenant_id, id, email, display_name, role, password_hash)
       VALUES ($1, gen_random_uuid(), gen_random_uuid() || '@a.example', 'U', 'owner', 'x') RETURNING id`,
      tenant,
    );
    await withTenant(stand.options.pool, tenant.tenantId, (client) =>
      unmergePatients(client, {
        tenant,
        pseudonymKey: stand.options.pseudonymKey,
        survivorId: idOf('P-1'),
        absorbedId: idOf('P-2'),
        by: { userId: String(user?.id) },
        now: clock,
      }),
    );
    expect(await patients()).toEqual([null]);
    await isStated();
  });
});

describe('a message that is corrected', () => {
  it('was sent when it was, and is read, whoever it turns out to be for', async () => {
    await stand.write(
      tenant,
      tell('message.sent', 'M-1', { message: { channel: 'sms', to_address: phone, status: 'read' } }),
    );
    const sent_at = new Date(clock);
    await stand.write(tenant, tell('message.sent', 'M-1', { message: { channel: 'sms', ...of('P-1') } }));
    expect(
      await stand.rows('SELECT status, sent_at FROM conversation_messages WHERE tenant_id = $1', tenant),
    ).toEqual([{ status: 'read', sent_at }]);
    expect(await patients()).toEqual(['P-1']);
    await isStated();
  });

  it('to be to another patient leaves the former one behind', async () => {
    await stand.write(tenant, message('M-1', of('P-1')));
    await stand.write(tenant, message('M-1', of('P-2')));
    expect(await patients()).toEqual(['P-2']);
    await isStated();
  });

  it('keeps the former one where another message still names that one', async () => {
    await stand.write(tenant, message('M-1', of('P-1')), message('M-2', of('P-1')));
    await stand.write(tenant, message('M-1', of('P-2')));
    expect(await patients()).toEqual([null]);
    await stand.write(tenant, message('M-2', of('P-2')));
    expect(await patients()).toEqual(['P-2']);
    await isStated();
  });

  it('to have come in opens the conversation, and is unread', async () => {
    await stand.write(tenant, message('M-1', { sent_at: start + 1_000 }));
    expect(await conversations()).toMatchObject([{ unread: 0, inbound: null }]);
    await stand.write(
      tenant,
      message('M-1', { direction: 'inbound', from_address: phone, to_address: '', sent_at: start + 1_000 }),
    );
    expect(await conversations()).toMatchObject([{ unread: 1, inbound: start + 1_000 }]);
    await stand.write(tenant, message('M-1', { direction: 'outbound', sent_at: start + 1_000 }));
    expect(await conversations()).toMatchObject([{ unread: 0, inbound: null }]);
    await isStated();
  });
});
