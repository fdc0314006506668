import { randomUUID } from 'node:crypto';
import { eventId } from '@switchboard/domain/ids';
import { createPool } from '@switchboard/postgres';
import { postHistory } from '@switchboard/testkit/simulate/history/post-history';
import { tellHistory } from '@switchboard/testkit/simulate/history/tell-history';
import { CloudEvent, HTTP } from 'cloudevents';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clinics } from './testing/clinics.ts';
import { type IngestStack, startIngestStack } from './testing/ingest-stack.ts';
import { type Answer, answerOf, callBody, post, zoiceHeaders } from './testing/post-webhook.ts';
import { eventually } from './testing/topic-reader.ts';

const { asha, banyan, cedar } = clinics;
const [ashaKey = { text: '' }, ashaOtherKey = { text: '' }] = asha.keys;
const [banyanKey = { text: '' }] = banyan.keys;
const [cedarKey = { text: '' }] = cedar.keys;
const structured = 'application/cloudevents+json';
const batch = 'application/cloudevents-batch+json';
/** Stands in every field that may name a patient, and must show up nowhere else. */
const planted = 'Zebulon-4471';

let stack: IngestStack;
let url: string;
beforeAll(async () => {
  stack = await startIngestStack(inject('engines').schemaRegistry);
  url = `${stack.ingest.url}/api/v1/events`;
  await eventually(async () => ((await send(booked())).status === 202 ? true : undefined));
});
afterAll(() => stack?.stop());

function booked(overrides: Record<string, unknown> = {}, data: Record<string, unknown> = {}) {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/clinic/emr',
    type: 'appointment.booked',
    subject: `A-${planted}`,
    time: '2026-11-20T10:05:00+05:30',
    data: {
      start: '2026-11-24T16:00:00+05:30',
      patient: { external_id: `P-${planted}`, first_name: planted },
      ...data,
    },
    ...overrides,
  };
}

function send(
  body: unknown,
  type = structured,
  headers: Record<string, string> = {},
  to = url,
): Promise<Answer> {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return post(to, typeof text === 'string' ? text : new Uint8Array(text), {
    'content-type': type,
    'x-api-key': ashaKey.text,
    ...headers,
  });
}

const idOf = (event: { id: string; source: string }, tenant = asha.id) =>
  eventId(tenant, 'events', 'record', event.id, event.source);

describe('an event of the clinic’s system', () => {
  it('is on the topic when it is answered 202, under an id that its repeat has too', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const event = booked(
      { traceparent, priority: 'high' },
      { notes: null, room: 12345678901234567890n.toString() },
    );
    const [first, again] = [await send(event), await send(event)];
    expect([first.status, first.body]).toEqual([202, { status: 'accepted', event_id: idOf(event) }]);
    expect(again.body).toEqual(first.body);
    const { key, headers, value } = await stack.topics.record(idOf(event));
    expect(headers).toMatchObject({ 'event-id': idOf(event), 'tenant-id': asha.id, traceparent });
    expect(key).toBe(`${asha.id}:${value.entity_key}`);
    expect(value).toMatchObject({
      tenant_id: asha.id,
      source: 'events',
      origin: '/clinic/emr',
      vendor_event_id: event.id,
      event_type: 'appointment.booked',
      kind: 'appointment',
      external_id: `A-${planted}`,
      occurred_at: Date.parse('2026-11-20T04:35:00Z'),
      cleared: ['notes'],
      patient: null,
      appointment: { start: Date.parse('2026-11-24T10:30:00Z'), patient: { first_name: planted } },
    });
    expect(JSON.parse(value.extra ?? '')).toEqual({
      '/priority': 'high',
      '/data/room': '12345678901234567890',
    });
  });

  it('has one key with the record’s others, that says nothing of its id', async () => {
    const events = [booked(), booked({ type: 'appointment.confirmed' }), booked({ subject: 'another' })];
    await Promise.all(events.map((event) => send(event)));
    const keys = await Promise.all(
      events.map(async (event) => (await stack.topics.record(idOf(event))).key ?? ''),
    );
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
    expect(keys.join()).not.toContain(planted);
  });

  it('is another event from another source, and another clinic’s under its key', async () => {
    const event = booked();
    const answers = [
      await send(event),
      await send({ ...event, source: '/clinic/lab' }),
      await send(event, structured, { 'x-api-key': banyanKey.text }),
    ];
    expect(answers.map(({ body }) => body.event_id)).toEqual([
      idOf(event),
      idOf({ ...event, source: '/clinic/lab' }),
      idOf(event, banyan.id),
    ]);
    expect((await stack.topics.record(idOf(event, banyan.id))).value.tenant_id).toBe(banyan.id);
  });
});

describe('the official SDK’s', () => {
  const event = (id: string) =>
    new CloudEvent({ ...booked({ id, subject: 'A-ü/1' }), time: '2026-11-20T04:35:00.000Z' });
  const post = ({ headers, body }: ReturnType<typeof HTTP.structured>) => {
    const { 'content-type': type = '', ...others } = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, String(value)]),
    );
    return send(String(body), type, others);
  };

  it('structured events are taken', async () => {
    const answer = await post(HTTP.structured(event('sdk-1')));
    expect([answer.status, answer.body.event_id]).toEqual([
      202,
      idOf({ id: 'sdk-1', source: '/clinic/emr' }),
    ]);
  });

  it('binary events are the same events', async () => {
    const { headers, body } = HTTP.binary(event('sdk-1').cloneWith({ subject: 'A-%C3%BC/1' }));
    const answer = await post({ headers, body });
    const id = idOf({ id: 'sdk-1', source: '/clinic/emr' });
    expect([answer.status, answer.body.event_id]).toEqual([202, id]);
    const both = await eventually(() => {
      const found = stack.topics.records.filter(({ value }) => value.event_id === id);
      return found.length === 2 ? found : undefined;
    });
    const [one, other] = both.map(({ value }) => ({ ...value, received_at: 0 }));
    expect(other).toEqual(one);
    expect(one?.external_id).toBe('A-ü/1');
  });

  it('events in a batch are taken one by one', async () => {
    const events = ['sdk-2', 'sdk-3'].map((id) => event(id));
    const answer = await send(JSON.stringify(events), batch);
    expect([answer.status, answer.body]).toEqual([
      202,
      {
        status: 'accepted',
        results: ['sdk-2', 'sdk-3'].map((id) => ({
          id,
          status: 'accepted',
          event_id: idOf({ id, source: '/clinic/emr' }),
        })),
      },
    ]);
    await stack.topics.record(idOf({ id: 'sdk-3', source: '/clinic/emr' }));
  });
});

describe('an event that says in words what numbers know by codes', () => {
  it('is taken with a warning, alone and in a batch, which repeats no value', async () => {
    const event = {
      ...booked(),
      type: 'journey.started',
      subject: 'J-1',
      data: { journey_type: `Care of ${planted}` },
    };
    const warnings = [{ location: 'data.journey_type', message: expect.stringMatching(/no code/) }];
    const answer = await send(event);
    expect(answer).toMatchObject({ status: 202, body: { event_id: idOf(event), warnings } });
    expect(answer.body).not.toHaveProperty('id');
    const several = await send([event, booked()], batch);
    expect(several.body).toMatchObject({
      results: [{ status: 'accepted', warnings }, { status: 'accepted' }],
    });
    expect(answer.text + several.text).not.toContain(planted);
  });
});

describe('a batch', () => {
  it('answers per event, and keeps each that is invalid as a dead letter of its own', async () => {
    const good = booked();
    const bad = booked({ time: undefined }, { start: planted });
    const answer = await send([bad, good, planted], batch);
    expect([answer.status, answer.body]).toMatchObject([
      202,
      {
        status: 'accepted',
        results: [
          {
            id: bad.id,
            status: 'invalid',
            errors: [
              { location: 'time', message: 'is missing' },
              { location: 'data.start', message: 'is not a time' },
            ],
          },
          { id: good.id, status: 'accepted', event_id: idOf(good) },
          { id: null, status: 'invalid', errors: [{ message: 'is not an object' }] },
        ],
      },
    ]);
    expect(answer.text).not.toContain(planted);
    await stack.topics.record(idOf(good));
    const [letter] = await stack.topics.deadLettersOf(({ event_id }) => event_id === idOf(bad), 1);
    expect(letter?.value).toMatchObject({
      source: 'events',
      reason: 'invalid_body',
      content_type: structured,
    });
    expect(letter?.value.detail).toBe('time is missing; data.start is not a time');
    expect(JSON.parse(stack.sealer.open(letter?.value.sealed ?? Buffer.of()).toString())).toEqual(
      JSON.parse(JSON.stringify(bad)),
    );
  });

  it('of which no event is valid is 422, with every event’s result', async () => {
    const answer = await send([booked({ type: 'patient.born' }), booked({ subject: ' ' })], batch);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(answer.body).toMatchObject({
      code: 'invalid_body',
      instance: '/api/v1/events',
      errors: [{ location: '[0].type' }, { location: '[1].subject', message: 'is blank' }],
      results: [{ status: 'invalid' }, { status: 'invalid' }],
    });
  });

  it('may hold 1,000 events or none, and no more', { timeout: 120_000 }, async () => {
    const events = Array.from({ length: 1_001 }, () => booked());
    const full = await send(events.slice(0, 1_000), batch);
    expect(full.status).toBe(202);
    expect(full.body.results).toHaveLength(1_000);
    const last = events.at(999);
    await stack.topics.record(last ? idOf(last) : '');
    expect([(await send([], batch)).body, (await send(events, batch)).status]).toEqual([
      { status: 'accepted', results: [] },
      422,
    ]);
    await stack.topics.deadLettersOf(({ detail }) => detail === ' holds too many events', 1);
  });

  it('that is no array, or no JSON, is kept whole', async () => {
    const answers = [await send(booked(), batch), await send('[{"specversion"', batch)];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [422, 'invalid_body'],
      [400, 'not_json'],
    ]);
    await stack.topics.deadLettersOf(
      ({ sealed }) => stack.sealer.open(sealed).toString() === '[{"specversion"',
      1,
    );
  });
});

describe('an authentic event that is not valid', () => {
  it.each([
    ['has no time', booked({ time: null }), 'time'],
    ['has no subject', booked({ subject: undefined }), 'subject'],
    ['is of another version', booked({ specversion: '0.3' }), 'specversion'],
    ['is of no type', booked({ type: undefined }), 'type'],
    ['holds data that is no JSON', booked({ data: undefined, data_base64: 'AAAA' }), 'data_base64'],
    ['is dated next year', booked({ time: '2199-01-01T00:00:00Z' }), 'time'],
    ['says its data is XML', booked({ datacontenttype: 'text/xml' }), 'datacontenttype'],
  ])('because it %s: 422 and one dead letter, however often it comes', async (_name, event, location) => {
    const answers = [await send(event), await send(event)];
    for (const { status, body, text } of answers) {
      expect([status, body.code]).toEqual([422, 'invalid_body']);
      expect(body.errors).toMatchObject([
        { location },
        ...(location === 'data_base64' ? [{ location: 'data.start' }] : []),
      ]);
      expect(text).not.toContain(planted);
    }
    const letters = await stack.topics.deadLettersOf(({ event_id }) => event_id === idOf(event), 2);
    expect(new Set(letters.map(({ key }) => key)).size).toBe(1);
  });

  it('and came by headers: the dead letter can be sent again as it is', async () => {
    const attributes = {
      'ce-specversion': '1.0',
      'ce-id': randomUUID(),
      'ce-source': '/clinic/emr',
      'ce-type': 'appointment.booked',
      'ce-subject': 'A-1',
    };
    const answers = [
      await send({ room: 1 }, 'application/json', attributes),
      await send('{"room"', 'application/json', attributes),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 400]);
    const id = idOf({ id: attributes['ce-id'], source: '/clinic/emr' });
    const [letter] = await stack.topics.deadLettersOf(({ event_id }) => event_id === id, 1);
    expect(letter?.value.content_type).toBe(structured);
    const kept = JSON.parse(stack.sealer.open(letter?.value.sealed ?? Buffer.of()).toString());
    expect(kept).toMatchObject({ id: attributes['ce-id'], type: 'appointment.booked', data: { room: 1 } });
    const mended = { ...kept, time: '2026-11-20T10:05:00Z', data: { start: '2026-11-24T16:00:00Z' } };
    expect((await send(mended)).body.event_id).toBe(id);
    const base64 = Buffer.from('{"room"').toString('base64');
    await stack.topics.deadLettersOf(
      ({ sealed }) => stack.sealer.open(sealed).toString().includes(base64),
      1,
    );
  });
});

describe('who may not', () => {
  it.each([
    ['without a key', { 'x-api-key': '' }, 401, 'key_unknown'],
    ['with an unknown key', { 'x-api-key': `sb_${'a'.repeat(12)}_${'b'.repeat(64)}` }, 401, 'key_unknown'],
    ['with a wrong secret', { 'x-api-key': ashaKey.text.replace(/.$/, '~') }, 401, 'key_unknown'],
    ['with the webhook’s secret', { 'x-api-key': asha.secrets[0]?.text ?? '' }, 401, 'key_unknown'],
    ['with a key for other things', { 'x-api-key': ashaOtherKey.text }, 403, 'scope_missing'],
    ['of a suspended clinic', { 'x-api-key': cedarKey.text }, 403, 'tenant_suspended'],
  ])('%s: %j', async (_name, headers, status, code) => {
    const answer = await send(booked(), structured, headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('no key header at all: 401; a Bearer is one', async () => {
    const body = JSON.stringify(booked());
    const bare = await post(url, body, { 'content-type': structured });
    expect([bare.status, bare.body.code, bare.headers.get('www-authenticate')]).toEqual([
      401,
      'key_missing',
      'Bearer',
    ]);
    const bearer = { 'content-type': structured, authorization: `Bearer ${ashaKey.text}` };
    expect((await post(url, body, bearer)).status).toBe(202);
  });

  it('a key that is revoked ends with the next refresh, while other keys stay', async () => {
    const pool = createPool({ url: stack.postgres.url, applicationName: 'ingest-test', max: 1 });
    const revoke = (at: Date | null) =>
      pool.query('UPDATE api_keys SET revoked_at = $2 WHERE key_id = $1', [banyanKey.text.split('_')[1], at]);
    const statusIs = (status: number) =>
      eventually(async () => {
        const answer = await send(booked(), structured, { 'x-api-key': banyanKey.text });
        return answer.status === status ? true : undefined;
      });
    await revoke(new Date());
    await statusIs(401);
    expect((await send(booked())).status).toBe(202);
    await revoke(null);
    await statusIs(202);
    await pool.end();
  });
});

describe('size, media and limits', () => {
  it('6 MiB: 413; gzip, text, JSON without attributes: 415; GET: 405', async () => {
    const answers = [
      await send(Buffer.alloc(6 * 1024 * 1024, ' ')),
      await send(booked(), structured, { 'content-encoding': 'gzip' }),
      await send(booked(), 'text/plain'),
      await send(booked(), 'application/json'),
      await send(booked(), `${structured}; charset=latin1`),
      await answerOf(url),
    ];
    expect(answers.map(({ status }) => status)).toEqual([413, 415, 415, 415, 415, 405]);
    for (const { headers } of answers) expect(headers.get('content-type')).toBe('application/problem+json');
  });

  it('4.9 MiB goes through whole', { timeout: 60_000 }, async () => {
    const event = booked({}, { extra: 'x'.repeat(4.9 * 1024 * 1024 - 1_000) });
    expect((await send(event)).status).toBe(202);
    const { value } = await stack.topics.record(idOf(event));
    expect(value.extra?.length).toBeGreaterThan(4.8 * 1024 * 1024);
  });

  it('has a quota of its own after the proof, and a limit per address before it', async () => {
    const small = await stack.startIngest({
      INGEST_TENANT_LIMIT_PER_MINUTE: '3',
      INGEST_ADDRESS_LIMIT_PER_MINUTE: '2',
    });
    const to = `${small.url}/api/v1/events`;
    await eventually(async () => ((await answerOf(`${small.url}/readyz`)).status === 200 ? true : undefined));
    const statusOf = async (key: string, body: unknown = booked(), type = structured) =>
      (await send(body, type, { 'x-api-key': key }, to)).status;
    const ofBatch = [booked(), booked(), booked()];
    expect(await statusOf(ashaKey.text, ofBatch, batch)).toBe(202);
    const limited = await send(booked(), structured, {}, to);
    expect([limited.status, Number(limited.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    // Another clinic's quota, and this one's for calls, are untouched.
    expect(await statusOf(banyanKey.text)).toBe(202);
    const call = JSON.stringify(callBody(randomUUID()));
    const hook = `${small.url}/api/v1/voice/webhook/${asha.slug}`;
    expect((await post(hook, call, zoiceHeaders(asha.secrets[0]?.text ?? '', call))).status).toBe(202);
    expect([await statusOf('x'), await statusOf('x'), await statusOf('x')]).toEqual([401, 401, 429]);
    expect(
      (await send(booked(), structured, { 'x-api-key': 'x' }, to)).headers.get('retry-after'),
    ).toBeTruthy();
    await small.stop();
  });
});

describe('a simulated history', () => {
  it('is taken whole, and posted again is the same events', { timeout: 180_000 }, async () => {
    const endAt = Date.parse('2026-11-20T12:00:00Z');
    const history = tellHistory({ seed: 5, endAt, days: 30, patients: 12 });
    const targets = {
      calls: {
        url: `${stack.ingest.url}/api/v1/voice/webhook/${asha.slug}`,
        secret: asha.secrets[0]?.text ?? '',
      },
      events: { url, key: ashaKey.text },
    };
    const ids = history.flatMap((one) => (one.kind === 'event' ? [idOf(one.event)] : []));
    for (const _time of ['first', 'again'])
      expect(await postHistory(targets, history)).toEqual({
        calls: history.length - ids.length,
        events: ids.length,
        resolved: 0,
        closed: 0,
        failed: 0,
      });
    const bySimulation = () => stack.topics.records.filter(({ value }) => value.origin === '/simulated/emr');
    await eventually(() => (bySimulation().length >= ids.length * 2 ? true : undefined));
    expect(new Set(bySimulation().map(({ value }) => value.event_id))).toEqual(new Set(ids));
  });
});

describe('when engines are away', () => {
  it('takes events without Postgres, having known its keys once', async () => {
    await stack.postgres.stop();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(booked())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  });

  it('answers 503 and never 401 before it knew them, and goes to work when Postgres is back', async () => {
    const fresh = await stack.startIngest();
    const to = `${fresh.url}/api/v1/events`;
    for (const key of [ashaKey.text, 'x']) {
      const answer = await send(booked(), structured, { 'x-api-key': key }, to);
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
        503,
        'starting',
        '2',
      ]);
    }
    await stack.postgres.restart();
    await eventually(async () =>
      (await send(booked(), structured, {}, to)).status === 202 ? true : undefined,
    );
    await fresh.stop();
  });

  it('answers 503 without a broker before a sender gives up, be all valid or not, and takes the same again', async () => {
    const waiting = [booked(), booked({ time: null })];
    await stack.kafka.stop();
    const answers = await eventually(async () => {
      const all = await Promise.all([
        send(waiting[0]),
        send(waiting[1]),
        send(waiting, batch),
        send('[', batch),
      ]);
      return all.every(({ status }) => status === 503) ? all : undefined;
    });
    for (const { headers, body, ms } of answers) {
      expect([body.code, headers.get('retry-after')]).toEqual(['broker_unavailable', '2']);
      // Its deadline is 1.5 s; without one it would wait for the broker.
      expect(ms).toBeLessThan(10_000);
    }
    await stack.kafka.restart();
    const answer = await eventually(async () => {
      const one = await send(waiting, batch);
      return one.status === 202 ? one : undefined;
    });
    expect(answer.body.results).toMatchObject([{ status: 'accepted' }, { status: 'invalid' }]);
    await stack.topics.record(waiting[0] ? idOf(waiting[0]) : '');
  });
});

it('names no patient in its logs, its metrics and its messages’ keys and headers', async () => {
  const metrics = await answerOf(`${stack.ingest.url}/metrics`);
  expect(metrics.text).toContain('events_accepted_total{vendor="events",event="appointment.booked"');
  const outside = stack.topics.records.map(({ key, headers }) => JSON.stringify([key, headers])).join();
  const letters = stack.topics.deadLetters.map(({ key, headers, value }) =>
    JSON.stringify([key, headers, { ...value, sealed: null }]),
  );
  expect(stack.topics.records.some(({ value }) => JSON.stringify(value).includes(planted))).toBe(true);
  for (const text of [metrics.text, outside, letters.join(), await stack.logOf(stack.ingest)])
    expect(text).not.toContain(planted);
});
