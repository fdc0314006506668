import { type RecordParts, recordEvent } from '@switchboard/domain/records/testing/record-factories';
import { createLogger } from '@switchboard/platform';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { keepUp } from '../upkeep.ts';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

const start = Date.parse('2026-11-20T04:30:00Z');
const minute = 60_000;
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
afterEach(async () => {
  expect(await stand.drift(tenant)).toEqual({});
});

/** Each told later than the one before it. */
function message(id: string, after: number, details: RecordParts['message'] = {}) {
  clock += minute;
  return recordEvent('message.sent', id, {
    tenant_id: tenant.tenantId,
    occurred_at: clock,
    message: { channel: 'whatsapp', to_address: phone, sent_at: start + after * minute, ...details },
  });
}
const asked = () => message('M-1', 0, { direction: 'inbound', from_address: phone, to_address: null });
const senders = async () =>
  (
    await stand.rows(
      'SELECT sender_kind, sender_id FROM conversation_messages WHERE tenant_id = $1 ORDER BY external_id',
      tenant,
    )
  ).map(({ sender_kind, sender_id }) => [sender_kind, sender_id]);
/** What is stated of the conversation, and of how many answers after how long. */
const stated = () =>
  stand.rows(
    `SELECT (c.statement ->> 'waiting')::int AS waiting, (c.statement ->> 'sla_met')::int AS met,
       (SELECT sum((m.statement ->> 'reply_n')::int)::int FROM fact_current m WHERE m.tenant_id = $1 AND m.kind = 'message') AS replies,
       (SELECT sum((m.statement ->> 'reply_ms')::int)::int FROM fact_current m WHERE m.tenant_id = $1 AND m.kind = 'message') AS ms
     FROM fact_current c WHERE c.tenant_id = $1 AND c.kind = 'conversation' AND c.basis = 'created'`,
    tenant,
  );
const answered = [{ waiting: 0, met: 1, replies: 1, ms: 5 * minute }];
const unanswered = [{ waiting: 1, met: 0, replies: 0, ms: 0 }];

describe('a message that the clinic’s own system sent to a patient who waits', () => {
  it('is the answer, where somebody wrote it', async () => {
    await stand.write(tenant, asked(), message('M-2', 5));
    expect(await stated()).toEqual(answered);
    expect(await senders()).toEqual([
      ['patient', null],
      ['user', null],
    ]);
  });

  it.each([{ template: 'visit_reminder' }, { campaign: 'recall' }])(
    'is none, where it was sent by itself: %o',
    async (how) => {
      await stand.write(tenant, asked(), message('M-2', 5, how));
      expect(await stated()).toEqual(unanswered);
    },
  );

  it('is one or none by what was told of it last', async () => {
    await stand.write(tenant, asked(), message('M-2', 5));
    await stand.write(tenant, message('M-2', 5, { campaign: 'recall' }));
    expect(await stated()).toEqual(unanswered);
    await stand.write(tenant, { ...message('M-2', 5), cleared: ['campaign'] });
    expect(await stated()).toEqual(answered);
  });
});

describe('messages of a release that took all of them for a system’s', () => {
  const upkeep = () =>
    keepUp(
      { ...stand.options, logger: createLogger({ service: 'test', level: 'silent' }), inboxDays: 30 },
      new AbortController().signal,
      true,
    );

  it('are answers after the upkeep, where somebody wrote them', async () => {
    await stand.write(tenant, asked(), message('M-2', 5), message('M-3', 9, { campaign: 'recall' }));
    await stand.rows(
      `UPDATE conversation_messages SET sender_kind = 'system' WHERE tenant_id = $1 AND direction = 'outbound'`,
      tenant,
    );
    await stand.restate(tenant);
    expect(await stated()).toEqual(unanswered);
    await upkeep();
    expect(await stated()).toEqual(answered);
    expect(await senders()).toEqual([
      ['patient', null],
      ['user', null],
      ['system', null],
    ]);
  });
});

describe('who asks by a message that the clinic’s own system tells to be written to no more', () => {
  const optedOut = async (body: string) => {
    await stand.write(
      tenant,
      message('M-1', 0, { direction: 'inbound', from_address: phone, to_address: null, body }),
    );
    return stand.rows(
      `SELECT (statement ->> 'opt_out')::int AS out FROM fact_current WHERE tenant_id = $1 AND kind = 'message'`,
      tenant,
    );
  };

  it.each(['STOP\r\n', '\tStop.', 'stop\u00a0!', '\u3000Opt out\v', '\ufeffSTOP\u2028'])(
    'counts once, whatever spaces stand around the word: %j',
    async (body) => {
      expect(await optedOut(body)).toEqual([{ out: 1 }]);
    },
  );

  it.each(['stop it', 'STOP?'])('does not by another text: %j', async (body) => {
    expect(await optedOut(body)).toEqual([{ out: 0 }]);
  });
});
