import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { apiKey, apiKeyList, createdApiKey } from '../access/api-key-schema.ts';
import { createdUser, user, userList } from '../access/user-schema.ts';
import { password } from '../testing/api-stack.ts';
import { createTestClient, logIn } from '../testing/client.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';

let clinic: ApiClinic;
beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'));
});
afterAll(() => clinic?.stop());

const users = '/api/v1/users';
const keys = '/api/v1/api-keys';
const me = '/api/v1/auth/me';
let count = 0;
const newMail = () => {
  count += 1;
  return `person${count}@clinic.example`;
};
const invite = async (role: string, more: object = {}) => {
  const email = newMail();
  const made = await bodyOf(
    createdUser,
    await clinic.owner.post(users, { email, display_name: 'P', role, ...more }),
  );
  return { ...made, email };
};

describe('accounts', () => {
  test('are made with a password shown once, or a given one', async () => {
    await clinic.newAudit();
    const made = await invite('agent');
    const session = await logIn(clinic.url, made.email, made.initial_password ?? '');
    expect(await (await session.get(me)).json()).toMatchObject({ role: 'agent', tenant_id: clinic.tenantId });
    const given = await invite('analyst', { password });
    expect(given.initial_password).toBeNull();
    await logIn(clinic.url, given.email, password);
    const list = await (await clinic.owner.get(users)).text();
    expect(userList.parse(JSON.parse(list)).users.map(({ email }) => email)).toContain(made.email);
    expect(list).not.toContain('scrypt');
    const audit = JSON.stringify(await clinic.newAudit());
    expect(audit).toContain('user.create');
    for (const secret of [made.email, made.initial_password ?? '', 'scrypt'])
      expect(audit).not.toContain(secret);
  });

  test('of a mail address that has one, anywhere, and of nonsense, are refused', async () => {
    for (const email of ['owner@clinic.example', 'Stranger@Clinic.example'])
      expect(
        await problemOf(await clinic.owner.post(users, { email, display_name: 'P', role: 'agent' })),
      ).toMatchObject({ status: 409, code: 'email_taken' });
    for (const [body, location] of [
      [{ email: 'x', display_name: 'P', role: 'agent' }, 'body.email'],
      [{ email: newMail(), display_name: ' ', role: 'agent' }, 'body.display_name'],
      [{ email: newMail(), display_name: 'P', role: 'boss' }, 'body.role'],
      [{ email: newMail(), display_name: 'P', role: 'agent', password: 'short' }, 'body.password'],
      [
        { email: newMail(), display_name: 'P', role: 'agent', tenant_id: clinic.otherTenantId },
        'body.tenant_id',
      ],
    ] as const)
      expect(await problemOf(await clinic.owner.post(users, body))).toMatchObject({
        status: 422,
        errors: [{ location }],
      });
    expect((await clinic.owner.send('PATCH', `${users}/${randomUUID()}`, {})).status).toBe(422);
  });

  test.each([
    ['another role', { role: 'manager' }],
    ['shut out', { status: 'disabled' }],
  ])('%s: sessions end at once', async (_, change) => {
    const made = await invite('agent');
    const session = await logIn(clinic.url, made.email, made.initial_password ?? '');
    expect(await bodyOf(user, await clinic.owner.send('PATCH', `${users}/${made.id}`, change))).toMatchObject(
      change,
    );
    expect((await session.get(me)).status).toBe(401);
    const again = await createTestClient(clinic.url).post('/api/v1/auth/login', {
      email: made.email,
      password: made.initial_password,
    });
    expect(again.status).toBe('status' in change ? 401 : 200);
  });

  test('who was shut out and is let in again does not find the old session', async () => {
    const made = await invite('agent');
    const session = await logIn(clinic.url, made.email, made.initial_password ?? '');
    for (const status of ['disabled', 'active'])
      await clinic.owner.send('PATCH', `${users}/${made.id}`, { status });
    expect((await session.get(me)).status).toBe(401);
    await logIn(clinic.url, made.email, made.initial_password ?? '');
  });

  test('a new name ends no session; a new password ends all', async () => {
    const made = await invite('agent');
    const session = await logIn(clinic.url, made.email, made.initial_password ?? '');
    await clinic.owner.send('PATCH', `${users}/${made.id}`, { display_name: 'Q' });
    expect(await (await session.get(me)).json()).toMatchObject({ name: 'Q' });
    const reset = await bodyOf(createdUser, await clinic.owner.post(`${users}/${made.id}/reset-password`));
    expect((await session.get(me)).status).toBe(401);
    await logIn(clinic.url, made.email, reset.initial_password ?? '');
    await expect(logIn(clinic.url, made.email, made.initial_password ?? '')).rejects.toThrow('401');
  });

  test('the last owner stays one, also when two take each other’s role at once', async () => {
    const owners = await clinic.run<{ id: string }>(
      `SELECT id FROM users WHERE tenant_id = $1 AND role = 'owner'`,
    );
    const [only] = owners;
    expect(owners).toHaveLength(1);
    for (const change of [{ role: 'manager' }, { status: 'disabled' }])
      expect(await problemOf(await clinic.owner.send('PATCH', `${users}/${only?.id}`, change))).toMatchObject(
        {
          status: 409,
          code: 'last_owner',
        },
      );
    const second = await invite('owner');
    const other = await logIn(clinic.url, second.email, second.initial_password ?? '');
    const answers = await Promise.all([
      clinic.owner.send('PATCH', `${users}/${second.id}`, { role: 'agent' }),
      other.send('PATCH', `${users}/${only?.id}`, { role: 'agent' }),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const left = await clinic.run(
      `SELECT 1 FROM users WHERE tenant_id = $1 AND role = 'owner' AND status = 'active'`,
    );
    expect(left).toHaveLength(1);
    await clinic.run(
      `UPDATE users SET role = 'owner' WHERE tenant_id = $1 AND email = 'owner@clinic.example'`,
    );
    clinic.owner = await logIn(clinic.url, 'owner@clinic.example', password);
  });

  test('everybody changes the own password; the session that asks goes on, the others end', async () => {
    const made = await invite('analyst', { password });
    const [asking, other] = [
      await logIn(clinic.url, made.email, password),
      await logIn(clinic.url, made.email, password),
    ];
    const path = '/api/v1/auth/password';
    const next = 'another horse battery staple';
    expect((await asking.post(path, { current: 'wrong', new: next })).status).toBe(403);
    expect((await asking.post(path, { current: password, new: 'short' })).status).toBe(422);
    expect(
      (await asking.post(path, { current: password, new: next }, { origin: 'https://evil.example' })).status,
    ).toBe(403);
    const answer = await asking.post(path, { current: password, new: next });
    expect(answer.status).toBe(204);
    const renewed = createTestClient(clinic.url, {
      cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '',
    });
    const statuses = [renewed, asking, other].map(async (client) => (await client.get(me)).status);
    // Under a new token: a copy of the old one opens nothing.
    expect(await Promise.all(statuses)).toEqual([200, 401, 401]);
    await logIn(clinic.url, made.email, next);
  });
});

describe('keys', () => {
  const withKey = (key: string) => createTestClient(clinic.url, { 'x-api-key': key });
  const make = async (scopes: string[], more: object = {}) =>
    bodyOf(createdApiKey, await clinic.owner.post(keys, { name: 'K', scopes, ...more }));

  test('are shown once, open what their scopes say, and end when they are revoked', async () => {
    await clinic.newAudit();
    const made = await make(['appointments:read', 'appointments:read']);
    expect(made).toMatchObject({
      key: expect.stringMatching(/^sb_[a-z0-9]{12}_[0-9a-f]{64}$/),
      scopes: ['appointments:read'],
    });
    const secret = made.key.split('_')[2] ?? '';
    expect((await withKey(made.key).get('/api/v1/appointments')).status).toBe(200);
    expect((await withKey(made.key).get('/api/v1/calls')).status).toBe(403);
    const list = await (await clinic.owner.get(keys)).text();
    expect(list).not.toContain(secret);
    expect(apiKeyList.parse(JSON.parse(list)).api_keys.find(({ id }) => id === made.id)).toMatchObject({
      state: 'active',
      prefix: made.key.slice(0, 16),
    });
    const [stored] = await clinic.run(
      'SELECT to_jsonb(k)::text AS row FROM api_keys k WHERE tenant_id = $1 AND id = $2',
      [made.id],
    );
    expect(JSON.stringify(stored)).not.toContain(secret);
    for (let time = 0; time < 2; time += 1)
      expect(await bodyOf(apiKey, await clinic.owner.send('DELETE', `${keys}/${made.id}`))).toMatchObject({
        state: 'revoked',
      });
    expect((await withKey(made.key).get('/api/v1/appointments')).status).toBe(401);
    const audit = JSON.stringify(await clinic.newAudit());
    expect(audit).toContain('api_key.revoke');
    expect(audit).not.toContain(secret);
  });

  test('rotate: both work for a while, and the old one no longer than it would have', async () => {
    const old = await make(['records:read']);
    const next = await bodyOf(
      createdApiKey,
      await clinic.owner.post(`${keys}/${old.id}/rotate`, { overlap_hours: 1 }),
    );
    expect(next).toMatchObject({ name: 'K', scopes: ['records:read'], expires_at: null });
    for (const { key } of [old, next]) expect((await withKey(key).get('/api/v1/calls')).status).toBe(200);
    const [{ left } = { left: 0 }] = await clinic.run<{ left: number }>(
      'SELECT extract(epoch FROM expires_at - now())::float8 AS left FROM api_keys WHERE tenant_id = $1 AND id = $2',
      [old.id],
    );
    expect(left).toBeGreaterThan(3_000);
    expect(left).toBeLessThanOrEqual(3_600);
    await bodyOf(createdApiKey, await clinic.owner.post(`${keys}/${old.id}/rotate`, { overlap_hours: 0 }));
    expect((await withKey(old.key).get('/api/v1/calls')).status).toBe(401);
    expect(await problemOf(await clinic.owner.post(`${keys}/${old.id}/rotate`, {}))).toMatchObject({
      status: 409,
      code: 'api_key_over',
    });
  });

  test('may expire by themselves', async () => {
    const made = await make(['records:read'], { expires_at: '2020-01-01T00:00:00Z' });
    expect(made.state).toBe('expired');
    expect((await withKey(made.key).get('/api/v1/calls')).status).toBe(401);
  });

  test.each([
    [{ name: 'K', scopes: [] }, 'body.scopes'],
    [{ name: 'K', scopes: ['everything'] }, 'body.scopes.0'],
    [{ name: '', scopes: ['admin'] }, 'body.name'],
    [{ name: 'K', scopes: ['admin'], expires_at: 'soon' }, 'body.expires_at'],
  ])('%j is refused by name', async (body, location) => {
    expect(await problemOf(await clinic.owner.post(keys, body))).toMatchObject({
      status: 422,
      errors: [{ location }],
    });
  });
});

describe('who may let others in', () => {
  test('owners alone, never a key, and from our own pages', async () => {
    const admin = createTestClient(clinic.url, {
      'x-api-key': await clinic.addKey(clinic.tenantId, ['admin']),
    });
    const id = randomUUID();
    const attempts = [
      ['GET', users],
      ['POST', users, { email: newMail(), display_name: 'P', role: 'owner' }],
      ['PATCH', `${users}/${id}`, { role: 'owner' }],
      ['POST', `${users}/${id}/reset-password`],
      ['GET', keys],
      ['POST', keys, { name: 'K', scopes: ['admin'] }],
      ['POST', `${keys}/${id}/rotate`, {}],
      ['DELETE', `${keys}/${id}`],
    ] as const;
    for (const [method, path, body] of attempts) {
      for (const client of [clinic.manager, clinic.agent, clinic.analyst, admin])
        expect([method, path, (await client.send(method, path, body)).status]).toEqual([method, path, 403]);
      expect((await clinic.nobody.send(method, path, body)).status).toBe(401);
      if (method === 'GET') continue;
      const evil = { origin: 'https://evil.example' };
      expect(await problemOf(await clinic.owner.send(method, path, body, evil))).toMatchObject({
        code: 'foreign_origin',
      });
      if (path.includes(id)) expect((await clinic.owner.send(method, path, body)).status).toBe(404);
    }
  });

  test('of one’s own clinic', async () => {
    const [ours] = await clinic.run<{ id: string }>(
      `SELECT id FROM users WHERE tenant_id = $1 AND role = 'agent'`,
    );
    const key = await bodyOf(createdApiKey, await clinic.owner.post(keys, { name: 'K', scopes: ['admin'] }));
    expect((await clinic.stranger.send('PATCH', `${users}/${ours?.id}`, { role: 'owner' })).status).toBe(404);
    expect((await clinic.stranger.post(`${users}/${ours?.id}/reset-password`)).status).toBe(404);
    expect((await clinic.stranger.send('DELETE', `${keys}/${key.id}`)).status).toBe(404);
    expect((await clinic.stranger.post(`${keys}/${key.id}/rotate`, {})).status).toBe(404);
    const list = await bodyOf(userList, await clinic.stranger.get(users));
    expect(list.users.map(({ email }) => email)).toEqual(['stranger@clinic.example']);
    expect((await bodyOf(apiKeyList, await clinic.stranger.get(keys))).api_keys).toEqual([]);
  });
});
