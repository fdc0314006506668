import { createServer } from 'node:http';
import { extractCall } from '@switchboard/domain/extraction';
import { describe, expect, it } from 'vitest';
import { signStandardWebhook, signZoice } from '../signing.ts';
import { createCallGenerator } from './call-generator.ts';
import { demoCallers } from './clinic.ts';
import { runSimulation } from './run-simulation.ts';

const startAt = Date.parse('2026-11-20T05:00:00Z');

function take(seed: number, count: number) {
  const generator = createCallGenerator(seed, { startAt });
  return Array.from({ length: count }, () => generator.nextCall());
}

describe('the call generator', () => {
  it('gives the same calls for the same seed, others for another', () => {
    expect(take(7, 50)).toEqual(take(7, 50));
    expect(take(7, 50)).not.toEqual(take(8, 50));
    const later = createCallGenerator(7, { startAt: startAt + 1 });
    const ids = new Set(take(7, 50).flatMap(({ bodies }) => bodies.map(({ event_id }) => event_id)));
    for (let at = 0; at < 50; at++)
      for (const { event_id } of later.next()) expect(ids).not.toContain(event_id);
  });

  it('makes every kind of call, with repeats and events out of order', () => {
    const calls = take(1, 400);
    expect(new Set(calls.map(({ truth }) => truth.kind)).size).toBe(22);
    const bodies = calls.flatMap((call) => call.bodies);
    expect(new Set(bodies.map(({ event }) => event)).size).toBe(5);
    expect(bodies.length).toBeGreaterThan(new Set(bodies.map(({ event_id }) => event_id)).size);
    expect(calls.some((call) => call.bodies.findIndex(({ event }) => event === 'call.started') > 0)).toBe(
      true,
    );
  });

  it('leaves no symbol unsaid, and says times with the clinic’s offset', () => {
    for (const { bodies } of take(2, 200)) {
      for (const body of bodies) {
        const said = body.transcript?.turns.map(({ text }) => text).join('|') ?? '';
        expect(said).not.toMatch(/[<>{}[\]]|undefined| {2}/);
        expect(body.occurred_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:30$/);
        const { started_at, ended_at } = body.call;
        if (started_at && ended_at) expect(Date.parse(ended_at)).toBeGreaterThan(Date.parse(started_at));
      }
    }
  });

  it('its calls are understood', { timeout: 30_000 }, () => {
    const right = { intent: 0, name: 0, practitioner: 0, date: 0, time: 0 };
    const asked = { intent: 0, name: 0, practitioner: 0, date: 0, time: 0 };
    const none = { name: 0, practitioner: 0 };
    const invented = { name: 0, practitioner: 0 };
    const practitioners = demoCallers.practitioners.map(({ name, field }, id) => ({
      id: String(id),
      name: `Dr. ${name}`,
      specialty: field,
    }));
    for (const { bodies, truth } of take(3, 300)) {
      const body = bodies.find(({ transcript }) => transcript);
      if (!body?.transcript || !truth.intent) continue;
      const startedAt = Date.parse(body.call.started_at ?? '');
      const analysis = extractCall({
        turns: body.transcript.turns,
        language: 'en-IN',
        startedAt,
        timeZone: 'Asia/Kolkata',
        region: 'IN',
        practitioners,
      });
      const last = (name: string) =>
        analysis.entities.findLast((entity) => entity.name === name)?.normalised ?? null;
      const check = (field: keyof typeof right, wanted: string | null, found: string | null) => {
        if (wanted === null) return;
        asked[field] += 1;
        if (wanted === found) right[field] += 1;
        else if (process.env.SHOW_MISSES)
          console.log(
            truth.kind,
            field,
            wanted,
            found,
            body.transcript?.turns.map(({ text }) => text),
          );
      };
      for (const [field, entity] of [
        ['name', 'patient_name'],
        ['practitioner', 'practitioner'],
      ] as const) {
        if (truth[field] !== null) continue;
        none[field] += 1;
        if (last(entity) !== null) invented[field] += 1;
      }
      check('intent', truth.intent, analysis.intent);
      check('name', truth.name, last('patient_name'));
      check('practitioner', truth.practitioner && `Dr. ${truth.practitioner}`, last('practitioner'));
      check('date', truth.date, last('date'));
      check('time', truth.time, last('time'));
    }
    for (const field of ['intent', 'name', 'practitioner', 'date', 'time'] as const) {
      expect(`${field} ${right[field] / asked[field] > 0.95}`, `${right[field]} of ${asked[field]}`).toBe(
        `${field} true`,
      );
    }
    for (const field of ['name', 'practitioner'] as const) {
      expect(none[field]).toBeGreaterThan(10);
      expect(invented[field], `of ${none[field]} without a ${field}`).toBeLessThanOrEqual(none[field] * 0.02);
    }
  });
});

describe('the simulation', () => {
  it('posts at a rate, tries again after 503 and counts', { timeout: 30_000 }, async () => {
    const signatures: string[] = [];
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      signatures.push(String(request.headers['x-zoice-signature']));
      request.resume().on('end', () => response.writeHead(asked === 3 ? 503 : 202).end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const summary = await runSimulation({
      url: `http://127.0.0.1:${port}/`,
      secret: 'shh',
      rate: 50,
      forMs: 400,
      spreadMs: 100,
      seed: 5,
    });
    server.close();
    expect(summary.calls).toBe(20);
    expect(summary).toMatchObject({ retried: 1, failed: 0, accepted: summary.sent });
    expect(asked).toBe(summary.sent + 1);
    expect(signatures.every((one) => /^t=\d{10},v1=[0-9a-f]{64}$/.test(one))).toBe(true);
  });
});

describe('signing', () => {
  it('is as the vendors write it', () => {
    expect(signZoice('secret', '{}', 1)['x-zoice-signature']).toBe(
      't=1,v1=1122767b193110cfec322b6f199b599edbf608ed087f2d27afb0b97d99523908',
    );
    const headers = signStandardWebhook(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      '{"test": 2432232314}',
      1614265330,
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });
});
