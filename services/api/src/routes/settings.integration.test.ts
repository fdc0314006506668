import { randomUUID } from 'node:crypto';
import { createLogger, createSealer } from '@switchboard/platform';
import { createIngestTenantReader } from '@switchboard/postgres/ingest/tenants';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { z } from 'zod';
import { auditList } from '../audit/audit-schema.ts';
import { createdSecret, settings } from '../settings/settings-schema.ts';
import { testKey } from '../testing/api-stack.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
let clinic: ApiClinic;
beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'));
});
afterAll(() => clinic?.stop());

const path = '/api/v1/settings';
const secrets = `${path}/webhook-secrets`;
const read = async (client = clinic.owner) => {
  const response = await client.get(path);
  return { etag: response.headers.get('etag') ?? '', body: await bodyOf(settings, response) };
};
const change = (etag: string, body: unknown, client = clinic.owner) =>
  client.send('PATCH', path, body, { 'if-match': etag });

describe('settings', () => {
  test('are changed field by field, and tell what they are', async () => {
    await clinic.newAudit();
    const { etag, body } = await read();
    expect(body).toMatchObject({
      time_zone: 'Asia/Kolkata',
      webhook_modes: ['standard', 'zoice', 'vapi', 'retell'],
      match_thresholds: { link: 0.5, review: 0.2 },
    });
    expect(body.retention_days, 'the audit log is always kept').not.toHaveProperty('audit');
    const wanted = {
      name: 'Asha Clinic',
      time_zone: 'Europe/London',
      first_weekday: 7,
      locale: 'en-IN',
      webhook_modes: ['standard', 'secret'],
      match_thresholds: { link: 0.6, review: 0.3 },
      retention_days: { recordings: 30, transcripts: 365 },
      business_hours: {
        1: [
          ['09:00', '13:00'],
          ['14:00', '24:00'],
        ],
      },
      first_response_target_minutes: 30,
      reopen_conversation_days: 0,
      recording_hosts: ['cdn.zoice.example', '*.vendor.example'],
    };
    const response = await change(etag, wanted, clinic.manager);
    expect(response.headers.get('etag')).not.toBe(etag);
    const changed = await bodyOf(settings, response);
    expect(changed).toMatchObject(wanted);
    expect(changed.version).toBe(body.version + 1);
    expect((await read()).body).toEqual(changed);
    const audit = await clinic.newAudit();
    expect(audit.map(({ action }) => action)).toEqual(['settings.view', 'settings.change', 'settings.view']);
  });

  test('show the clinic’s quotas, which are not the clinic’s to change', async () => {
    const { etag, body } = await read();
    expect(body.quotas).toEqual({
      events_per_minute: null,
      records_per_minute: null,
      requests_per_minute: null,
    });
    const refused = await change(etag, { quotas: { events_per_minute: 1_000_000 } });
    expect(refused.status).toBe(422);
    await clinic.database.admin.query('UPDATE tenants SET quota_events_per_minute = 1200 WHERE id = $1', [
      clinic.tenantId,
    ]);
    expect((await read()).body.quotas.events_per_minute).toBe(1200);
  });

  test('that two people change from one version are changed by one', async () => {
    const { etag } = await read();
    const answers = await Promise.all(
      [clinic.owner, clinic.manager, clinic.owner].map((client, index) =>
        change(etag, { name: `Clinic ${index}` }, client),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const lost = answers.find(({ status }) => status === 409);
    expect(lost && (await problemOf(lost))).toMatchObject({ code: 'settings_changed' });
    expect(await problemOf(await clinic.owner.send('PATCH', path, { name: 'X' }))).toMatchObject({
      status: 422,
      errors: [{ location: 'header.if-match' }],
    });
  });

  test.each([
    [{}, 'body'],
    [{ time_zone: 'Mars/Olympus' }, 'body.time_zone'],
    [{ time_zone: '+05:30' }, 'body.time_zone'],
    [{ first_weekday: 8 }, 'body.first_weekday'],
    [{ locale: '!!' }, 'body.locale'],
    [{ webhook_modes: [] }, 'body.webhook_modes'],
    [{ webhook_modes: ['none'] }, 'body.webhook_modes.0'],
    [{ match_thresholds: { link: 0.2, review: 0.5 } }, 'body.match_thresholds'],
    [{ match_thresholds: { link: 1.5, review: 0.5 } }, 'body.match_thresholds.link'],
    [{ retention_days: { recordings: 0 } }, 'body.retention_days.recordings'],
    [{ retention_days: { faxes: 1 } }, 'body.retention_days.faxes'],
    [{ retention_days: { audit: 90 } }, 'body.retention_days.audit'],
    [{ recording_hosts: ['https://cdn.example.com'] }, 'body.recording_hosts.0'],
    [{ recording_hosts: ['*.com'] }, 'body.recording_hosts.0'],
    [{ business_hours: { 8: [] } }, 'body.business_hours.8'],
    [{ business_hours: { 1: [['9', '17:00']] } }, 'body.business_hours.1.0.0'],
    [{ business_hours: { 1: [['17:00', '09:00']] } }, 'body.business_hours.1.0'],
    [
      {
        business_hours: {
          1: [
            ['09:00', '13:00'],
            ['12:00', '15:00'],
          ],
        },
      },
      'body.business_hours.1',
    ],
    [{ first_response_target_minutes: 0 }, 'body.first_response_target_minutes'],
    [{ reopen_conversation_days: -1 }, 'body.reopen_conversation_days'],
    [{ name: 'X', slug: 'x' }, 'body.slug'],
  ])('%j is refused by name', async (body, location) => {
    const { etag, body: before } = await read();
    const problem = await problemOf(await change(etag, body));
    expect(problem).toMatchObject({ status: 422, errors: [{ location, fix: expect.any(String) }] });
    expect((await read()).body).toEqual(before);
  });

  test('are for owners and managers of the clinic', async () => {
    const key = { 'x-api-key': await clinic.addKey(clinic.tenantId, ['admin']) };
    const attempts = [
      ['GET', path],
      ['PATCH', path, { name: 'X' }],
      ['POST', secrets, { kind: 'voice' }],
      ['DELETE', `${secrets}/${randomUUID()}`],
    ] as const;
    for (const [method, to, body] of attempts) {
      for (const client of [clinic.agent, clinic.analyst])
        expect([method, to, (await client.send(method, to, body)).status]).toEqual([method, to, 403]);
      expect((await clinic.nobody.send(method, to, body, key)).status).toBe(403);
      expect((await clinic.nobody.send(method, to, body)).status).toBe(401);
      const evil = { origin: 'https://evil.example', 'if-match': '"1"' };
      if (method !== 'GET')
        expect(await problemOf(await clinic.owner.send(method, to, body, evil))).toMatchObject({
          code: 'foreign_origin',
        });
    }
    expect((await read(clinic.stranger)).body.name).toBe('Test Clinic');
  });
});

describe('webhook secrets', () => {
  const opened = async (of = clinic.tenantId) => {
    const reader = createIngestTenantReader({
      databaseUrl: clinic.database.urlAs('switchboard_ingest'),
      logger,
    });
    try {
      const tenants = await reader.read();
      const sealer = createSealer(Buffer.from(testKey, 'base64'));
      const found = tenants.find(({ tenantId }) => tenantId === of)?.secrets ?? [];
      return found.map(({ id, sealed, notAfter }) => ({
        id,
        text: sealer.open(sealed).toString(),
        ends: notAfter !== null,
      }));
    } finally {
      await reader.close();
    }
  };

  test('are opened by ingest, rotate with an overlap, and are shown to nobody again', async () => {
    await clinic.newAudit();
    const given = 'a-secret-of-the-vendor';
    const first = await bodyOf(
      createdSecret,
      await clinic.owner.post(secrets, { kind: 'voice', secret: given }),
    );
    expect(first.secret).toBeNull();
    const before = await read();
    const second = await bodyOf(
      createdSecret,
      await clinic.owner.post(secrets, { kind: 'voice', overlap_hours: 2 }),
    );
    expect(second.secret).toMatch(/^whsec_/);
    expect((await change(before.etag, { name: 'X' })).status).toBe(409);
    expect(new Set(await opened())).toEqual(
      new Set([
        { id: first.id, text: given, ends: true },
        { id: second.id, text: second.secret, ends: false },
      ]),
    );
    const { body } = await read();
    expect(body.webhook_secrets.map(({ id, not_after }) => [id, not_after !== null])).toEqual([
      [second.id, false],
      [first.id, true],
    ]);
    const twilio = await bodyOf(
      createdSecret,
      await clinic.owner.post(secrets, { kind: 'twilio', secret: 'twilio-auth-token-1' }),
    );
    expect((await opened()).find(({ id }) => id === second.id)?.ends).toBe(false);
    for (const text of [JSON.stringify(await read()), JSON.stringify(await clinic.newAudit())])
      for (const secret of [given, second.secret ?? '', 'twilio-auth-token-1'])
        expect(text).not.toContain(secret);
    expect((await clinic.stranger.send('DELETE', `${secrets}/${first.id}`)).status).toBe(404);
    for (const { id } of [first, twilio])
      expect((await clinic.owner.send('DELETE', `${secrets}/${id}`)).status).toBe(204);
    expect((await clinic.owner.send('DELETE', `${secrets}/${first.id}`)).status).toBe(404);
    expect((await opened()).map(({ id }) => id)).toEqual([second.id]);
    expect(await opened(clinic.otherTenantId)).toEqual([]);
  });

  test('are few at a time: each is tried on every webhook', async () => {
    const add = async () => {
      const answer = await clinic.owner.post(secrets, { kind: 'voice' });
      return answer.status;
    };
    const statuses: number[] = [];
    for (let one = 0; one < 5; one += 1) statuses.push(await add());
    expect(statuses.at(-1)).toBe(409);
    for (const { id } of await opened()) await clinic.owner.send('DELETE', `${secrets}/${id}`);
  });

  test.each([
    [{ kind: 'fax' }, 'body.kind'],
    [{ kind: 'voice', secret: 'short' }, 'body.secret'],
    [{ kind: 'voice', secret: 'with a space in the middle' }, 'body.secret'],
    [{ kind: 'twilio' }, 'body.secret'],
    [{ kind: 'voice', overlap_hours: 1e6 }, 'body.overlap_hours'],
  ])('%j is refused by name', async (body, location) => {
    expect(await problemOf(await clinic.owner.post(secrets, body))).toMatchObject({
      status: 422,
      errors: [{ location }],
    });
  });
});

describe('the audit log', () => {
  const audit = '/api/v1/audit';
  const list = async (query = '', client = clinic.owner) =>
    bodyOf(auditList, await client.get(`${audit}?${query}`));

  test('is read by user, kind of action, record and time, page by page', async () => {
    const [user] = await clinic.run<{ id: string }>(
      `SELECT id FROM users WHERE tenant_id = $1 AND role = 'manager'`,
    );
    const entity = randomUUID();
    for (let index = 0; index < 7; index += 1)
      await clinic.run(
        `INSERT INTO audit_log (tenant_id, at, actor_kind, actor_id, action, entity_kind, entity_id) VALUES ($1, $2, 'user', $3, 'patient.view', 'patient', $4)`,
        ['2026-11-20T10:00:00.123456Z', user?.id, entity],
      );
    const all = await list(`entity_id=${entity}`);
    expect(all.entries).toHaveLength(7);
    expect(all.entries[0]).toMatchObject({
      actor: { kind: 'user', id: user?.id, name: 'Test User' },
      action: 'patient.view',
      entity: { kind: 'patient', id: entity },
    });
    const ids: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: z.infer<typeof auditList> = await list(
        `entity_id=${entity}&limit=3${cursor && `&cursor=${cursor}`}`,
      );
      ids.push(...page.entries.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(ids).toEqual(all.entries.map(({ id }) => id));
    const zone = 'Asia/Kolkata';
    await clinic.run('UPDATE tenants SET time_zone = $2 WHERE id = $1', [zone]);
    for (const [query, count] of [
      [`actor_id=${user?.id}&action=patient.view`, 7],
      [`actor_id=${user?.id}&action=patient`, 7],
      [`actor_id=${user?.id}&action=patien`, 0],
      ['entity_kind=patient&from=2026-11-20&to=2026-11-20', 7],
      [`entity_id=${entity}&from=2026-11-21`, 0],
      [`entity_id=${entity}&to=2026-11-19`, 0],
      [`entity_id=${entity}&actor_kind=api_key`, 0],
    ] as const)
      expect([query, (await list(query)).entries.length]).toEqual([query, count]);
  });

  test('has who looked at it, and is for owners and managers of the clinic', async () => {
    await list('action=settings', clinic.manager);
    const [newest] = (await list()).entries;
    expect(newest).toMatchObject({ action: 'audit.view', details: { filters: ['action'] } });
    const key = { 'x-api-key': await clinic.addKey(clinic.tenantId, ['admin']) };
    for (const client of [clinic.agent, clinic.analyst]) expect((await client.get(audit)).status).toBe(403);
    expect((await clinic.nobody.get(audit, key)).status).toBe(403);
    expect((await clinic.nobody.get(audit)).status).toBe(401);
    const actions = new Set((await list('', clinic.stranger)).entries.map(({ action }) => action));
    expect([...actions].every((action) => ['login', 'settings.view', 'audit.view'].includes(action))).toBe(
      true,
    );
    for (const query of ['action=x;y', 'entity_id=1', 'from=yesterday', 'cursor=zz', 'q=1'])
      expect(await problemOf(await clinic.owner.get(`${audit}?${query}`))).toMatchObject({ status: 422 });
  });
});
