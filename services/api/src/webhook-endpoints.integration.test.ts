import { createSealer } from '@switchboard/platform';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ApiStack, password, startApiStack, testSecretsKey } from './testing/api-stack.ts';
import { createTestClient, logIn, type TestClient } from './testing/client.ts';

const path = '/api/v1/webhook-endpoints';
const nobody = '01890a5d-ac96-774b-bcce-b302099a8057';
let api: ApiStack;
let tenantId: string;
let owner: TestClient;

beforeAll(async () => {
  api = await startApiStack(inject('engines'));
  tenantId = await api.database.addTenant();
  for (const role of ['owner', 'manager', 'agent', 'analyst'] as const)
    await api.addUser(tenantId, `${role}@clinic.example`, role);
  owner = await logIn(api.url, 'owner@clinic.example', password);
});
afterAll(() => api.stop());

/** Asks, and gives status and body. */
async function ask(method: string, to: string, body?: unknown, client = owner, headers = {}) {
  const answer = await fetch(`${api.url}${path}${to}`, {
    method,
    headers: {
      ...client.headers,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}

async function create(given: Record<string, unknown> = {}) {
  const { body } = await ask('POST', '', { url: 'https://clinic.example/hook?key=k1', ...given });
  return body;
}

async function secretsOf(id: string) {
  const { rows } = await api.database.admin.query(
    `SELECT sealed_secret, previous_sealed_secret, previous_secret_until > now() AS overlaps FROM webhook_endpoints WHERE id = $1`,
    [id],
  );
  const sealer = createSealer(testSecretsKey);
  const open = (sealed: Buffer | null) => sealed && sealer.open(sealed).toString();
  return {
    current: open(rows[0].sealed_secret),
    previous: open(rows[0].previous_sealed_secret),
    overlaps: rows[0].overlaps,
  };
}

const audited = async () => {
  const { rows } = await api.database.admin.query(
    `SELECT action, entity_id, details, a::text AS text FROM audit_log a WHERE tenant_id = $1 AND action LIKE 'webhook%' ORDER BY id`,
    [tenantId],
  );
  return rows;
};

describe('an endpoint', () => {
  it('is added with a secret that is shown once, changed, paused, resumed and removed; all of it is in the audit log', async () => {
    const before = (await audited()).length;
    const added = await create({ event_types: ['appointment.booked'] });
    expect(added).toMatchObject({
      url: 'https://clinic.example/hook?key=k1',
      event_types: ['appointment.booked'],
      patient_names: false,
      state: 'active',
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    expect(await secretsOf(added.id)).toEqual({ current: added.secret, previous: null, overlaps: null });
    const listed = await ask('GET', '');
    expect(listed.body.endpoints.map(({ id }: { id: string }) => id)).toContain(added.id);
    expect(JSON.stringify(listed.body)).not.toContain('whsec_');

    const changed = await ask('PATCH', `/${added.id}`, { event_types: [], patient_names: true });
    expect(changed).toMatchObject({
      status: 200,
      body: { event_types: [], patient_names: true, url: added.url },
    });
    expect(await ask('POST', `/${added.id}/pause`)).toMatchObject({
      status: 200,
      body: { state: 'paused', paused_reason: 'by_user' },
    });
    expect(await ask('POST', `/${added.id}/test`)).toMatchObject({
      status: 409,
      body: { code: 'endpoint_paused' },
    });
    expect(await ask('POST', `/${added.id}/resume`)).toMatchObject({
      status: 200,
      body: { state: 'active', paused_at: null, paused_reason: null },
    });
    expect(await ask('DELETE', `/${added.id}`)).toEqual({ status: 204, body: null });
    expect(await ask('DELETE', `/${added.id}`)).toMatchObject({ status: 404 });

    const written = (await audited()).slice(before);
    expect(written.map(({ action }) => action)).toEqual(
      ['create', 'list', 'change', 'pause', 'resume', 'delete'].map((verb) => `webhook_endpoint.${verb}`),
    );
    expect(written[0]?.details).toEqual({
      host: 'clinic.example',
      event_types: ['appointment.booked'],
      patient_names: false,
    });
    for (const { action, entity_id, text } of written) {
      expect(entity_id).toBe(action === 'webhook_endpoint.list' ? null : added.id);
      for (const value of ['whsec_', 'k1']) expect(text).not.toContain(value);
    }
  });

  it('has two secrets while one is rotated, the second rotation dropping the first', async () => {
    const added = await create();
    const first = await ask('POST', `/${added.id}/rotate-secret`, { overlap_hours: 1 });
    expect(first).toMatchObject({ status: 200, body: { previous_secret_until: expect.any(String) } });
    expect(first.body.secret).not.toBe(added.secret);
    expect(await secretsOf(added.id)).toEqual({
      current: first.body.secret,
      previous: added.secret,
      overlaps: true,
    });
    const second = await ask('POST', `/${added.id}/rotate-secret`, { overlap_hours: 0 });
    expect(second).toMatchObject({ status: 200, body: { previous_secret_until: null } });
    expect(await secretsOf(added.id)).toEqual({
      current: second.body.secret,
      previous: first.body.secret,
      overlaps: false,
    });
  });

  it.each([
    ['http://clinic.example/hook', 'must be an https address'],
    ['https://127.0.0.1/hook', 'must be an address of the public internet'],
    ['https://[::1]/hook', 'must be an address of the public internet'],
    ['https://user:secret@clinic.example/hook', 'must be an address without user, password and fragment'],
    ['https://clinic.example/\u0000', 'must be text without control characters'],
    ['clinic.example', 'must be a URL of at most 2,000 characters'],
  ])('is not added at %s', async (url, message) => {
    const { id } = await create();
    for (const refused of [await ask('POST', '', { url }), await ask('PATCH', `/${id}`, { url })]) {
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ location: 'body.url', message }] } });
      expect(JSON.stringify(refused.body)).not.toContain('secret');
    }
    await ask('DELETE', `/${id}`);
  });

  it('is refused with what is not known, or nothing to change', async () => {
    const { id } = await create();
    expect(await ask('POST', '', { url: 'https://a.example', event_types: ['x'] })).toMatchObject({
      status: 422,
    });
    expect(await ask('POST', '', { url: 'https://a.example', secret: 'x' })).toMatchObject({ status: 422 });
    expect(await ask('PATCH', `/${id}`, {})).toMatchObject({ status: 422 });
    expect(await ask('POST', `/${id}/rotate-secret`, { overlap_hours: 999 })).toMatchObject({ status: 422 });
    expect(await ask('PATCH', `/${nobody}`, { patient_names: false })).toMatchObject({ status: 404 });
    expect(await ask('POST', `/${nobody}/rotate-secret`, {})).toMatchObject({ status: 404 });
  });
});

describe('who may', () => {
  it('owners, managers and keys of the scope admin; nobody else, and no other site’s page', async () => {
    const { id } = await create();
    const manager = await logIn(api.url, 'manager@clinic.example', password);
    const admin = createTestClient(api.url, { 'x-api-key': await api.addKey(tenantId, ['admin']) });
    for (const client of [manager, admin])
      expect(await ask('GET', '', undefined, client)).toMatchObject({ status: 200 });
    const refused = [
      await logIn(api.url, 'agent@clinic.example', password),
      await logIn(api.url, 'analyst@clinic.example', password),
      createTestClient(api.url, {
        'x-api-key': await api.addKey(tenantId, ['records:read', 'analytics:read']),
      }),
    ];
    const routes: [string, string][] = [
      ['GET', ''],
      ['POST', ''],
      ['PATCH', `/${id}`],
      ['DELETE', `/${id}`],
      ['POST', `/${id}/pause`],
      ['POST', `/${id}/resume`],
      ['POST', `/${id}/rotate-secret`],
      ['POST', `/${id}/test`],
      ['GET', `/${id}/deliveries`],
      ['POST', `/${id}/deliveries/${nobody}/retry`],
    ];
    for (const [method, to] of routes) {
      for (const client of refused)
        expect([method, to, (await ask(method, to, undefined, client)).status]).toEqual([method, to, 403]);
      const stranger = await ask(method, to, undefined, createTestClient(api.url));
      expect([method, to, stranger.status]).toEqual([method, to, 401]);
      if (method === 'GET') continue;
      const foreign = await ask(method, to, undefined, owner, { origin: 'https://evil.example' });
      expect([method, to, foreign.body.code]).toEqual([method, to, 'foreign_origin']);
    }
  });

  it('only at their own clinic', async () => {
    const { id } = await create();
    const { body } = await ask('POST', `/${id}/test`);
    const other = await api.database.addTenant();
    await api.addUser(other, 'owner@other.example', 'owner');
    const stranger = await logIn(api.url, 'owner@other.example', password);
    expect((await ask('GET', '', undefined, stranger)).body).toEqual({ endpoints: [] });
    for (const [method, to, sent] of [
      ['PATCH', `/${id}`, { patient_names: true }],
      ['POST', `/${id}/pause`, undefined],
      ['POST', `/${id}/rotate-secret`, {}],
      ['POST', `/${id}/test`, undefined],
      ['GET', `/${id}/deliveries`, undefined],
      ['POST', `/${id}/deliveries/${body.delivery_id}/retry`, undefined],
      ['DELETE', `/${id}`, undefined],
    ] as const)
      expect([method, to, (await ask(method, to, sent, stranger)).status]).toEqual([method, to, 404]);
    expect((await ask('GET', `/${id}/deliveries`)).body.deliveries).toHaveLength(1);
  });
});

describe('deliveries', () => {
  const set = (id: string, sql: string) =>
    api.database.admin.query(`UPDATE webhook_deliveries SET ${sql} WHERE id = $1`, [id]);

  it('a test event is queued; what failed is retried with all its attempts, what was delivered is not', async () => {
    const { id } = await create();
    const queued = await ask('POST', `/${id}/test`);
    expect(queued).toMatchObject({ status: 202, body: { status: 'queued' } });
    const delivery = queued.body.delivery_id;
    const list = async (query = '') => (await ask('GET', `/${id}/deliveries${query}`)).body.deliveries;
    expect(await list()).toMatchObject([
      { id: delivery, event_type: 'endpoint.test', state: 'pending', attempts: 0 },
    ]);

    await set(
      delivery,
      `state = 'failed', attempts = 10, last_status = 500, next_attempt_at = now() + interval '1 day'`,
    );
    expect(await list('?state=failed')).toMatchObject([
      { attempts: 10, last_status: 500, next_attempt_at: null },
    ]);
    expect(await ask('POST', `/${id}/deliveries/${delivery}/retry`)).toMatchObject({ status: 202 });
    expect(await list('?state=failed')).toEqual([]);
    const [retried] = await list();
    expect(retried).toMatchObject({ state: 'pending', attempts: 0 });
    expect(Date.parse(retried.next_attempt_at)).toBeLessThanOrEqual(Date.now());

    await set(delivery, `state = 'delivered', delivered_at = now()`);
    expect(await ask('POST', `/${id}/deliveries/${delivery}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'already_delivered' },
    });
    expect(await ask('POST', `/${id}/deliveries/${nobody}/retry`)).toMatchObject({ status: 404 });
    const about = (await audited()).filter(({ entity_id }) => entity_id === id);
    expect(about.map(({ action }) => action)).toEqual([
      ...['webhook_endpoint.create', 'webhook_endpoint.test', 'webhook_delivery.list'],
      ...[
        'webhook_delivery.list',
        'webhook_delivery.retry',
        'webhook_delivery.list',
        'webhook_delivery.list',
      ],
    ]);
  });

  it('a change is not retried after a later one of the same appointment came through', async () => {
    const { id } = await create();
    const [older = '', newer = ''] = [
      (await ask('POST', `/${id}/test`)).body.delivery_id,
      (await ask('POST', `/${id}/test`)).body.delivery_id,
    ];
    await set(older, `state = 'failed', attempts = 10`);
    await set(newer, `entity_id = '${older}', entity_version = 2`);
    const retry = (delivery: string) => ask('POST', `/${id}/deliveries/${delivery}/retry`);
    for (const how of [
      'claim = gen_random_uuid()',
      `state = 'delivered', delivered_at = now(), claim = NULL`,
    ]) {
      await set(newer, how);
      expect(await retry(older)).toMatchObject({
        status: 409,
        body: { code: 'overtaken', errors: [{ location: 'path.delivery_id' }] },
      });
    }
    expect((await ask('GET', `/${id}/deliveries?state=failed`)).body.deliveries).toMatchObject([
      { id: older },
    ]);
    await set(newer, `state = 'failed', delivered_at = NULL`);
    expect(await retry(older)).toMatchObject({ status: 202 });
  });

  it('that wait while it is paused are due when it is resumed, those under way excepted', async () => {
    const { id } = await create();
    const ids: string[] = [];
    for (let count = 0; count < 2; count += 1) ids.push((await ask('POST', `/${id}/test`)).body.delivery_id);
    const [waits, underWay] = ids;
    await set(waits ?? '', `next_attempt_at = now() + interval '1 day'`);
    await set(underWay ?? '', `next_attempt_at = now() + interval '1 day', claim = gen_random_uuid()`);
    await ask('POST', `/${id}/pause`);
    await ask('POST', `/${id}/resume`);
    const { rows } = await api.database.admin.query(
      'SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND next_attempt_at <= now()',
      [id],
    );
    expect(rows).toEqual([{ id: waits }]);
  });
});

it('a clinic has twenty endpoints at most, also when many are added at once', async () => {
  const other = await api.database.addTenant();
  const key = createTestClient(api.url, { 'x-api-key': await api.addKey(other, ['admin']) });
  const answers = await Promise.all(
    Array.from({ length: 25 }, () => ask('POST', '', { url: 'https://a.example' }, key)),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
  expect(answers.filter(({ body }) => body.code === 'too_many_endpoints')).toHaveLength(5);
});
