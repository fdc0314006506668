import { randomUUID } from 'node:crypto';
import { localDateAt } from '@switchboard/domain/periods/zone';
import { type RandomCall, randomCalls } from '@switchboard/testkit/random-calls';
import { recountVoiceMetrics } from '@switchboard/testkit/recount-voice-metrics';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { analyticsAnswer } from './analytics/answer-schema.ts';
import { metricList } from './analytics/metric-list.ts';
import { callDetail, callList } from './calls/call-schema.ts';
import { type ApiStack, password, startApiStack } from './testing/api-stack.ts';
import { createTestClient, logIn, type TestClient } from './testing/client.ts';
import { planted, type StoredCall, storeCall } from './testing/store-call.ts';

const zone = 'Asia/Kolkata';
const now = Date.parse('2026-11-20T09:23:00+05:30');
const dayMs = 86_400_000;
let api: ApiStack;
let tenantId: string;
let otherTenantId: string;
let calls: RandomCall[];
let stored: StoredCall;
let foreign: StoredCall;
let machine: TestClient;
let owner: TestClient;
let analyst: TestClient;

beforeAll(async () => {
  api = await startApiStack(inject('engines'), { now: () => now });
  tenantId = await api.database.addTenant({ timeZone: zone });
  otherTenantId = await api.database.addTenant({ timeZone: zone });
  await api.addUser(tenantId, 'owner@clinic.example', 'owner');
  await api.addUser(tenantId, 'analyst@clinic.example', 'analyst');
  calls = randomCalls({ count: 1_200, seed: 5, from: now - 60 * dayMs, to: now });
  await api.stateCalls(tenantId, zone, calls);
  await api.stateCalls(
    otherTenantId,
    zone,
    randomCalls({ count: 50, seed: 6, from: now - 20 * dayMs, to: now }),
  );
  await api.finishBlock(tenantId, otherTenantId);
  stored = await storeCall(api.database, tenantId, '2026-11-20T09:00:00+05:30');
  foreign = await storeCall(api.database, otherTenantId, '2026-11-20T09:00:00+05:30');
  machine = createTestClient(api.url, { 'x-api-key': await api.addKey(tenantId, ['analytics:read']) });
  owner = await logIn(api.url, 'owner@clinic.example', password);
  analyst = await logIn(api.url, 'analyst@clinic.example', password);
});
afterAll(() => api?.stop());

const analytics = '/api/v1/analytics/voice-calls';
const problemOf = async (response: Response) => ({
  status: response.status,
  media: response.headers.get('content-type'),
  ...z.looseObject({ request_id: z.string(), errors: z.unknown().optional() }).parse(await response.json()),
});

describe('who is asking', () => {
  test('without proof, with a wrong key, with a key of other scopes', async () => {
    const nobody = createTestClient(api.url);
    expect(await problemOf(await nobody.get(analytics))).toMatchObject({
      status: 401,
      media: 'application/problem+json',
      code: 'not_authenticated',
      instance: analytics,
      request_id: expect.any(String),
    });
    expect(
      (await nobody.get(analytics, { 'x-api-key': `sb_${'a'.repeat(12)}_${'b'.repeat(64)}` })).status,
    ).toBe(401);
    const voice = { authorization: `Bearer ${await api.addKey(tenantId, ['voice:tools'])}` };
    expect(await problemOf(await nobody.get(analytics, voice))).toMatchObject({
      status: 403,
      code: 'not_allowed',
    });
    expect((await machine.get('/api/v1/calls')).status).toBe(403);
  });

  test('a revoked and an expired key open nothing', async () => {
    for (const column of ['revoked_at', 'expires_at']) {
      const key = await api.addKey(tenantId, ['analytics:read']);
      const client = createTestClient(api.url, { 'x-api-key': key });
      expect((await client.get(analytics)).status).toBe(200);
      await api.database.admin.query(
        `UPDATE api_keys SET ${column} = now() - interval '1 s' WHERE key_id = $1`,
        [key.split('_')[1]],
      );
      expect((await client.get(analytics)).status).toBe(401);
    }
  });

  test('login, me, logout', async () => {
    const nobody = createTestClient(api.url);
    const answer = await nobody.post('/api/v1/auth/login', { email: 'Owner@Clinic.example', password });
    const cookie = answer.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/Secure/);
    expect(cookie).toMatch(/SameSite=Lax/);
    const session = createTestClient(api.url, { cookie: cookie.split(';')[0] ?? '' });
    expect(await (await session.get('/api/v1/auth/me')).json()).toMatchObject({
      kind: 'user',
      tenant_id: tenantId,
      role: 'owner',
      email: 'owner@clinic.example',
      sees_phi: true,
    });
    expect(
      (await session.post('/api/v1/auth/logout', undefined, { origin: 'https://evil.example' })).status,
    ).toBe(403);
    expect((await session.get('/api/v1/auth/me')).status).toBe(200);
    expect((await session.post('/api/v1/auth/logout', undefined, { origin: api.url })).status).toBe(204);
    expect((await session.get('/api/v1/auth/me')).status).toBe(401);
    const again = await session.post('/api/v1/auth/logout', undefined, { origin: api.url });
    expect([again.status, again.headers.getSetCookie()[0]]).toEqual([
      204,
      expect.stringMatching(/^switchboard_session=;.*Expires=Thu, 01 Jan 1970/),
    ]);
  });

  test('a wrong password and an unknown address answer alike', async () => {
    const nobody = createTestClient(api.url);
    const answers = await Promise.all(
      ['owner@clinic.example', 'nobody@clinic.example'].map(async (email) => {
        const { request_id: _, ...problem } = await problemOf(
          await nobody.post('/api/v1/auth/login', { email, password: 'wrong' }),
        );
        return problem;
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ status: 401, code: 'wrong_credentials' });
  });

  test('logins, views and searches leave a trace without PHI', async () => {
    await owner.get(`/api/v1/calls?q=${planted.lastName}`);
    await owner.get(`/api/v1/calls/${stored.id}`);
    const { rows } = await api.database.admin.query<{ action: string; text: string }>(
      'SELECT action, a::text AS text FROM audit_log a WHERE tenant_id = $1',
      [tenantId],
    );
    const actions = new Set(rows.map(({ action }) => action));
    expect([...actions].sort()).toEqual(
      expect.arrayContaining(['call.search', 'call.view', 'login', 'login.refused', 'logout']),
    );
    for (const { text } of rows) expect(text).not.toContain(planted.lastName);
  });
});

describe('analytics', () => {
  const within = (from: string, to: string) =>
    calls.filter(({ beganAt }) => {
      const date = localDateAt(beganAt, zone);
      return date >= from && date <= to;
    });

  test('an answer of all metrics, with comparison, series and breakdowns, is what a recount says (plausible/docs #453)', async () => {
    const response = await machine.get(
      `${analytics}?time_period=last_7_days&compare=previous_period&breakdowns=intent,hour`,
    );
    const answer = analyticsAnswer.parse(await response.json());
    expect(answer.period).toEqual({
      time_period: 'last_7_days',
      start: '2026-11-14',
      end: '2026-11-20',
      time_zone: zone,
      aggregation: 'daily',
    });
    expect(answer.compare_period).toEqual({
      start: '2026-11-07',
      end: '2026-11-13',
      until: '2026-11-13T09:23:00+05:30',
      complete: false,
    });
    const current = within('2026-11-14', '2026-11-20');
    const until = Date.parse('2026-11-13T09:23:00+05:30');
    const previous = within('2026-11-07', '2026-11-13').filter(({ beganAt }) => beganAt < until);
    for (const [id, recount] of Object.entries(recountVoiceMetrics)) {
      for (const [value, expected] of [
        [answer.summary[id]?.value, recount(current)],
        [answer.summary[id]?.previous, recount(previous)],
      ] as const) {
        if (typeof value !== 'number' || expected === null) expect([id, value]).toEqual([id, expected]);
        else
          expect(Math.abs(value - expected), id).toBeLessThanOrEqual(
            Math.max(1e-5, Math.abs(expected) * 0.0101),
          );
      }
    }
    expect(answer.series).toHaveLength(7);
    expect(answer.series.map(({ complete }) => complete)).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(answer.series[0]).toMatchObject({
      start: '2026-11-14T00:00:00+05:30',
      end: '2026-11-15T00:00:00+05:30',
      values: { calls_total: within('2026-11-14', '2026-11-14').length },
      previous: {
        start: '2026-11-07T00:00:00+05:30',
        values: { calls_total: within('2026-11-07', '2026-11-07').length },
      },
    });
    const intent = answer.breakdowns.intent;
    expect(intent?.rows.reduce((sum, row) => sum + (row.values.calls_total ?? 0), 0)).toBe(current.length);
    expect(intent?.rows.find(({ key }) => key === 'billing')?.label).toBe('Billing');
    const mix = answer.summary.call_intent_mix?.parts ?? [];
    expect(mix.reduce((sum, part) => sum + (part.share ?? 0), 0)).toBeCloseTo(1, 4);
    expect(answer.as_of).toEqual(expect.any(String));
  });

  test('many who ask the same at once cost few queries', async () => {
    const url = `${analytics}?time_period=last_7_days&metrics=calls_total,connect_rate,cost_total&breakdowns=status,outcome`;
    const before = api.queries();
    await Promise.all(Array.from({ length: 8 }, () => machine.get(url)));
    expect(api.queries() - before).toBeLessThan(4);
  });

  test('an entity tag spares the answer until facts come', async () => {
    const url = `${analytics}?time_period=this_month&metrics=calls_total`;
    const first = await machine.get(url);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    const second = await machine.get(url, { 'if-none-match': etag });
    expect([second.status, await second.text()]).toEqual([304, '']);
    await api.finishBlock(otherTenantId);
    expect((await machine.get(url, { 'if-none-match': etag })).status).toBe(304);
    await api.finishBlock(tenantId);
    await expect.poll(async () => (await machine.get(url, { 'if-none-match': etag })).status).toBe(200);
  });

  test('empty buckets have zeros, rates of nothing null', async () => {
    const response = await machine.get(
      `${analytics}?time_period=custom&start_date=2025-01-01&end_date=2025-01-03`,
    );
    const { series, summary } = analyticsAnswer.parse(await response.json());
    expect(series).toHaveLength(3);
    expect(series[1]?.values).toMatchObject({
      calls_total: 0,
      unique_callers: 0,
      connect_rate: null,
      cost_total: 0,
    });
    expect(summary.connect_rate).toEqual({ value: null, previous: null, change: null });
  });

  test('filters, also by what is unknown', async () => {
    const ask = async (query: string) =>
      analyticsAnswer.parse(
        await (
          await machine.get(`${analytics}?time_period=last_30_days&metrics=calls_total&${query}`)
        ).json(),
      );
    const of = (test: (call: RandomCall) => boolean) =>
      within('2026-10-22', '2026-11-20').filter(test).length;
    expect((await ask('direction=outbound')).summary.calls_total?.value).toBe(
      of((call) => call.direction === 'outbound'),
    );
    expect((await ask('outcome=booked&outcome=answered&language=hi')).summary.calls_total?.value).toBe(
      of((call) => call.language === 'hi' && ['booked', 'answered'].includes(call.outcome ?? '')),
    );
    const unknown = await ask('intent=unknown');
    expect(unknown.summary.calls_total?.value).toBe(of((call) => call.intent === null));
    expect(unknown.filters).toEqual({ intent: ['unknown'] });
  });

  test('breakdowns are paged', async () => {
    const url = `${analytics}?time_period=last_30_days&metrics=calls_total&breakdowns=hour`;
    const all = analyticsAnswer.parse(await (await machine.get(url)).json());
    const page = analyticsAnswer.parse(await (await machine.get(`${url}&limit=5&offset=5`)).json());
    expect(page.breakdowns.hour?.rows).toEqual(all.breakdowns.hour?.rows.slice(5, 10));
    expect(page.breakdowns.hour?.total).toBe(24);
    expect(page.pagination).toEqual({ limit: 5, offset: 5 });
  });

  test('CSV holds every number, all rows (metabase #10399, lightdash #6688: exports cut off silently)', async () => {
    const url = `${analytics}?time_period=last_7_days&metrics=calls_total,connect_rate&breakdowns=hour&limit=1`;
    const response = await machine.get(url, { accept: 'text/csv' });
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = (await response.text()).trimEnd().split('\r\n');
    expect(lines[0]).toBe(
      'section,dimension,key,label,start,end,complete,metric,unit,currency,value,previous,change',
    );
    expect(lines.filter((line) => line.startsWith('series,'))).toHaveLength(14);
    const total = within('2026-11-14', '2026-11-20').length;
    expect(lines[1]).toBe(`summary,,,,2026-11-14,2026-11-20,,calls_total,calls,,${total},,`);
    const hours = lines.filter((line) => line.startsWith('breakdown,hour,') && line.includes('calls_total'));
    expect(hours.reduce((sum, line) => sum + Number(line.split(',')[10]), 0)).toBe(total);
  });

  test.each([
    ['time_period=fortnight', 'query.time_period'],
    ['time_period=custom', 'query.start_date'],
    ['time_period=custom&start_date=2026-02-30&end_date=2026-03-01', 'query.start_date'],
    ['time_period=last_90_days&aggregation=hourly', 'query.aggregation'],
    ['metrics=calls_total,call_total', 'query.metrics'],
    ['breakdowns=practitioner', 'query.breakdowns'],
    ['intent=haircut', 'query.intent'],
    ['practitioner_id=1', 'query.practitioner_id'],
    ['limit=501', 'query.limit'],
    ['offset=-1', 'query.offset'],
    ['tenant_id=1', 'query.tenant_id'],
  ])('%s is refused by name', async (query, location) => {
    const problem = await problemOf(await machine.get(`${analytics}?${query}`));
    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors).toEqual([{ location, message: expect.any(String), fix: expect.any(String) }]);
  });

  test('the catalogue', async () => {
    const list = metricList.parse(await (await machine.get('/api/v1/analytics/metrics')).json());
    expect(list.metrics.map(({ id }) => id)).toContain('first_call_resolution_rate');
    expect(list.metrics.find(({ id }) => id === 'calls_in_progress')).toMatchObject({
      category: 'realtime',
      source: 'postgres',
      calculation: { kind: 'count_now', where: { status: ['ringing', 'in_progress'] } },
    });
    expect(list.dimensions.voice_calls?.map(({ id }) => id)).toContain('weekday');
  });

  test('another clinic’s numbers stay its own', async () => {
    const other = createTestClient(api.url, {
      'x-api-key': await api.addKey(otherTenantId, ['analytics:read']),
    });
    const answer = analyticsAnswer.parse(
      await (await other.get(`${analytics}?time_period=last_30_days&metrics=calls_total`)).json(),
    );
    expect(answer.summary.calls_total?.value).toBe(50);
  });
});

describe('calls', () => {
  test('are listed with their links, and found by what was said, by name, by number', async () => {
    const list = callList.parse(await (await owner.get('/api/v1/calls')).json());
    expect(list.pagination).toEqual({ limit: 50, offset: 0, total: 1 });
    expect(list.calls[0]).toMatchObject({
      id: stored.id,
      contact: { phone: planted.phone },
      patient: { id: stored.patientId, name: `${planted.firstName} ${planted.lastName}` },
      has_recording: true,
    });
    // The record's name may differ from what the caller was heard to say.
    await api.database.admin.query(
      `UPDATE patients SET first_name = 'Sunita', last_name = 'Patil' WHERE id = $1`,
      [stored.patientId],
    );
    const found = async (query: string) =>
      callList.parse(await (await owner.get(`/api/v1/calls?${query}`)).json()).pagination.total;
    for (const q of ['knee', planted.lastName, '98123 45678', '"can I help"', 'Patil', 'sunita pa'])
      expect([q, await found(`q=${encodeURIComponent(q)}`)]).toEqual([q, 1]);
    expect(await found('q=elbow')).toBe(0);
    await api.database.admin.query(`UPDATE patients SET first_name = $2, last_name = $3 WHERE id = $1`, [
      stored.patientId,
      planted.firstName,
      planted.lastName,
    ]);
  });

  test('every filter', async () => {
    const { rows } = await api.database.admin.query<{ id: string }>(
      `INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, $3) RETURNING id`,
      [tenantId, randomUUID(), planted.practitioner],
    );
    const practitioner = rows[0]?.id ?? '';
    for (const [query, expected] of [
      ['status=completed&direction=inbound&intent=book_appointment&outcome=booked&sentiment=positive', 1],
      ['status=failed', 0],
      ['status=failed&status=completed', 1],
      [`patient_id=${stored.patientId}`, 1],
      [`patient_id=${foreign.patientId}`, 0],
      [`practitioner_id=${practitioner}`, 1],
      [`practitioner_id=${randomUUID()}`, 0],
      ['from=2026-11-20&to=2026-11-20', 1],
      ['from=2026-11-21', 0],
      ['to=2026-11-19', 0],
      [`from=${encodeURIComponent('2026-11-20T09:00:01+05:30')}`, 0],
      ['min_duration=184', 1],
      ['min_duration=185', 0],
      ['has_recording=true', 1],
      ['has_recording=false', 0],
      ['sort=-duration_seconds&limit=1&offset=1', 0],
    ] as const) {
      const response = await owner.get(`/api/v1/calls?${query}`);
      expect([query, response.status, callList.parse(await response.json()).calls.length]).toEqual([
        query,
        200,
        expected,
      ]);
    }
  });

  test.each([
    'status=lost',
    'from=yesterday',
    'to=9999-12-31',
    'from=1999-12-31',
    'from=2026-11-20T10:00 x +05:30',
    'sort=name',
    'limit=0x1',
    'has_recording=maybe',
    'x=1',
  ])('%s is refused by name', async (query) => {
    const problem = await problemOf(await owner.get(`/api/v1/calls?${query}`));
    expect(problem).toMatchObject({ status: 422, errors: [{ location: `query.${query.split('=')[0]}` }] });
  });

  test('a call with turns, extraction, evidence and links', async () => {
    const call = callDetail.parse(await (await owner.get(`/api/v1/calls/${stored.id}`)).json());
    expect(call.transcript.turns).toHaveLength(5);
    expect(call.links).toMatchObject({
      patient: { id: stored.patientId },
      conversation: { channel: 'voice' },
      appointment: null,
    });
    expect(call.recording).toMatchObject({ state: 'pending', format: 'mp3' });
    expect(JSON.stringify(call)).not.toContain('vendor.example');
    const entity = call.extraction?.entities.find(({ name }) => name === 'practitioner');
    const text = call.transcript.turns[entity?.evidence.turn ?? 0]?.text ?? '';
    expect(text.slice(entity?.evidence.start ?? 0, entity?.evidence.end ?? 0)).toBe(entity?.value);
  });

  test('a call names what was booked in it, what stands before what was cancelled', async () => {
    const linked = async () =>
      callDetail.parse(await (await owner.get(`/api/v1/calls/${stored.id}`)).json()).links.appointment;
    const [tenant] = (
      await api.database.admin.query('SELECT tenant_id FROM voice_calls WHERE id = $1', [stored.id])
    ).rows;
    const book = async (status: string, day: number) => {
      const id = randomUUID();
      await api.database.admin.query(
        `INSERT INTO appointments (tenant_id, id, call_id, tool_call_id, status, starts_at, ends_at, channel)
         VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz + interval '30 minutes', 'voice')`,
        [tenant.tenant_id, id, stored.id, `t${day}`, status, `2031-03-0${day}T09:00:00Z`],
      );
      return { id, status, start: `2031-03-0${day}T09:00:00.000Z` };
    };
    const cancelled = await book('cancelled', 1);
    expect(await linked()).toEqual(cancelled);
    const standing = await book('scheduled', 2);
    expect(await linked()).toEqual(standing);
    await api.database.admin.query('DELETE FROM appointments WHERE call_id = $1', [stored.id]);
  });

  test('another clinic’s call, an unknown one and nonsense are all not there', async () => {
    for (const id of [foreign.id, randomUUID(), 'nonsense']) {
      expect(await problemOf(await owner.get(`/api/v1/calls/${id}`))).toMatchObject({
        status: 404,
        code: 'not_found',
      });
    }
  });

  test('an analyst sees no PHI anywhere, and can’t find by it', async () => {
    const bodies = await Promise.all(
      [`/api/v1/calls`, `/api/v1/calls/${stored.id}`, `${analytics}?breakdowns=agent,language`].map(
        async (path) => {
          const response = await analyst.get(path);
          return [path, response.status, await response.text()] as const;
        },
      ),
    );
    const secrets = [
      ...Object.values(planted),
      planted.phone.slice(3),
      planted.firstName.toLowerCase(),
    ].filter((secret) => secret !== planted.practitioner);
    for (const [path, status, body] of bodies) {
      expect([path, status]).toEqual([path, 200]);
      for (const secret of secrets) expect(body.toLowerCase()).not.toContain(secret.toLowerCase());
    }
    const call = callDetail.parse(JSON.parse(bodies[1]?.[2] ?? ''));
    expect(call.transcript).toMatchObject({ redacted: true });
    expect(call.transcript.turns[1]?.text).toBe('This is [name], I want to see Dr. Mehta about my knee.');
    expect((await analyst.get('/api/v1/calls?q=knee')).status).toBe(403);
  });

  test('a call that was not analysed shows an analyst no text', async () => {
    const call = await storeCall(api.database, otherTenantId, '2026-11-19T09:00:00+05:30');
    await api.database.admin.query('DELETE FROM voice_call_extractions WHERE call_id = $1', [call.id]);
    await api.addUser(otherTenantId, 'analyst@other.example', 'analyst');
    const other = await logIn(api.url, 'analyst@other.example', password);
    const detail = callDetail.parse(await (await other.get(`/api/v1/calls/${call.id}`)).json());
    expect(new Set(detail.transcript.turns.map(({ text }) => text))).toEqual(new Set(['[not redacted yet]']));
  });
});

describe('operations', () => {
  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])(
    'a body of %s is refused as that',
    async (type) => {
      const answer = await fetch(`${api.url}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{}',
      });
      expect(await problemOf(answer)).toMatchObject({ status: 415 });
    },
  );

  test('health, readiness, metrics, documents', async () => {
    const nobody = createTestClient(api.url);
    expect((await nobody.get('/healthz')).status).toBe(200);
    expect(await (await nobody.get('/readyz')).json()).toEqual({
      status: 'ready',
      checks: { postgres: 'ok', clickhouse: 'ok' },
    });
    const metrics = await (await nobody.get('/metrics')).text();
    expect(metrics).toContain('route="/api/v1/calls/:id"');
    expect(metrics).not.toContain(stored.id);
    const document = z.object({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) });
    const text = await (await nobody.get('/openapi.json')).text();
    expect(await (await nobody.get('/api/v1/openapi.json')).text()).toBe(text);
    const spec = document.parse(JSON.parse(text));
    expect(spec.openapi).toBe('3.1.0');
    expect(Object.keys(spec.paths).sort()).toEqual([
      '/api/v1/analytics/metrics',
      '/api/v1/analytics/realtime',
      analytics,
      '/api/v1/api-keys',
      '/api/v1/api-keys/{id}',
      '/api/v1/api-keys/{id}/rotate',
      '/api/v1/appointments',
      '/api/v1/appointments/{id}',
      '/api/v1/appointments/{id}/book',
      '/api/v1/appointments/{id}/cancel',
      '/api/v1/appointments/{id}/check-in',
      '/api/v1/appointments/{id}/complete',
      '/api/v1/appointments/{id}/confirm',
      '/api/v1/appointments/{id}/no-show',
      '/api/v1/appointments/{id}/reinstate',
      '/api/v1/appointments/{id}/reschedule',
      '/api/v1/audit',
      '/api/v1/auth/login',
      '/api/v1/auth/logout',
      '/api/v1/auth/me',
      '/api/v1/auth/password',
      '/api/v1/booking-requests',
      '/api/v1/booking-requests/{id}/decline',
      '/api/v1/booking-requests/{id}/fulfil',
      '/api/v1/booking-requests/{id}/propose',
      '/api/v1/booking-requests/{id}/take',
      '/api/v1/calls',
      '/api/v1/calls/{id}',
      '/api/v1/calls/{id}/recording',
      '/api/v1/calls/{id}/recording/waveform',
      '/api/v1/conversations',
      '/api/v1/conversations/search',
      '/api/v1/conversations/{id}',
      '/api/v1/conversations/{id}/messages',
      '/api/v1/conversations/{id}/notes',
      '/api/v1/dead-letters',
      '/api/v1/dead-letters/discard',
      '/api/v1/dead-letters/replay',
      '/api/v1/dead-letters/{id}',
      '/api/v1/dead-letters/{id}/discard',
      '/api/v1/dead-letters/{id}/replay',
      '/api/v1/files',
      '/api/v1/match-reviews',
      '/api/v1/match-reviews/{id}/link',
      '/api/v1/match-reviews/{id}/new',
      '/api/v1/match-reviews/{id}/reject',
      '/api/v1/media/{message_id}/{position}',
      '/api/v1/media/{message_id}/{position}/thumbnail',
      '/api/v1/media/{message_id}/{position}/view',
      '/api/v1/media/{message_id}/{position}/waveform',
      '/api/v1/outgoing-media/{tenant_id}/{message_id}/{position}',
      '/api/v1/patients',
      '/api/v1/patients/search',
      '/api/v1/patients/{id}',
      '/api/v1/patients/{id}/merge',
      '/api/v1/patients/{id}/unmerge',
      '/api/v1/pipeline',
      '/api/v1/search',
      '/api/v1/settings',
      '/api/v1/settings/appointment-types',
      '/api/v1/settings/appointment-types/{id}',
      '/api/v1/settings/holidays',
      '/api/v1/settings/holidays/{date}',
      '/api/v1/settings/locations',
      '/api/v1/settings/locations/{id}/rooms',
      '/api/v1/settings/numbers',
      '/api/v1/settings/numbers/{channel}/{number}',
      '/api/v1/settings/practitioners',
      '/api/v1/settings/practitioners/{id}/exceptions',
      '/api/v1/settings/practitioners/{id}/hours',
      '/api/v1/settings/twilio',
      '/api/v1/settings/webhook-secrets',
      '/api/v1/settings/webhook-secrets/{id}',
      '/api/v1/users',
      '/api/v1/users/{id}',
      '/api/v1/users/{id}/reset-password',
      '/api/v1/voice/tools',
      '/api/v1/voice/tools/available-slots',
      '/api/v1/voice/tools/book-appointment',
      '/api/v1/voice/tools/cancel-appointment',
      '/api/v1/voice/tools/patient-lookup',
      '/api/v1/voice/tools/reschedule-appointment',
      '/api/v1/webhook-endpoints',
      '/api/v1/webhook-endpoints/{id}',
      '/api/v1/webhook-endpoints/{id}/deliveries',
      '/api/v1/webhook-endpoints/{id}/deliveries/{delivery_id}/retry',
      '/api/v1/webhook-endpoints/{id}/pause',
      '/api/v1/webhook-endpoints/{id}/resume',
      '/api/v1/webhook-endpoints/{id}/rotate-secret',
      '/api/v1/webhook-endpoints/{id}/test',
      '/fhir/r4/Appointment',
      '/fhir/r4/Appointment/{id}',
      '/fhir/r4/Schedule',
      '/fhir/r4/Schedule/{id}',
      '/fhir/r4/Slot',
      '/fhir/r4/Slot/{id}',
    ]);
    const described = z.object({
      responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()).optional() })),
    });
    const answers = (path: string, method: string) =>
      described.parse(z.record(z.string(), z.unknown()).parse(spec.paths[path])[method]).responses;
    expect(Object.keys(answers(analytics, 'get')['200']?.content ?? {})).toEqual([
      'application/json',
      'text/csv',
    ]);
    expect(Object.keys(answers('/api/v1/auth/login', 'post'))).toEqual(
      expect.arrayContaining(['400', '413', '415', '422']),
    );
    const docs = await nobody.get('/docs/');
    expect(docs.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await docs.text();
    expect(html.match(/(?:src|href)="(https?:)?\/\/[^"]+"/g)).toBeNull();
    expect((await nobody.get('/docs/js/scalar.js')).status).toBe(200);
    expect((await nobody.get('/nowhere')).status).toBe(404);
  });

  test('a hostile cookie, header or address is no error of ours', async () => {
    const nobody = createTestClient(api.url);
    expect((await nobody.get(analytics, { cookie: 'switchboard_session=%00%FF' })).status).toBe(401);
    expect((await nobody.get(analytics, { 'x-api-key': 'sb_x_y' })).status).toBe(401);
    expect((await nobody.get('/api/v1/calls/%00')).status).toBe(401);
    expect((await owner.get(`/api/v1/calls?q=${encodeURIComponent('\0 :* & | ! (')}`)).status).toBeLessThan(
      500,
    );
    expect((await nobody.post('/api/v1/auth/login', { email: 'x', password: '' })).status).toBe(422);
    const broken = await fetch(`${api.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(await problemOf(broken)).toMatchObject({ status: 400, media: 'application/problem+json' });
    const unreadable = await problemOf(await nobody.get('/api/v1/calls/%E0%A4%A'));
    expect(unreadable).toMatchObject({ status: 400, media: 'application/problem+json', code: 'bad_request' });
    expect(JSON.stringify(unreadable)).not.toContain('E0');
  });
});
