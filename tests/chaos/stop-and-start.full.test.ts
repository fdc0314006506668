import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@switchboard/start';
import { signZoice } from '@switchboard/testkit/signing';
import { createCallGenerator } from '@switchboard/testkit/simulate/call-generator';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { allAssigned } from './all-assigned.ts';
import { startBalancer } from './balancer.ts';
import { checkAll } from './check-all.ts';
import { comeToRest } from './come-to-rest.ts';
import { countRepeats } from './count-repeats.ts';
import { type OwnSystem, startOwnSystem } from './start-own-system.ts';
import { writeClinicEvents } from './traffic/clinic-events.ts';
import { writeDesk } from './traffic/desk.ts';
import { writeImports } from './traffic/imports.ts';
import { writeLetters } from './traffic/letters.ts';
import { receiveWebhooks } from './traffic/webhooks.ts';
import { writeWhatsapp } from './traffic/whatsapp.ts';
import { urlOf } from './url-of.ts';

const drainMs = 30_000;
let system: OwnSystem;

beforeAll(async () => {
  system = await startOwnSystem({
    env: {
      INGEST_DRAIN_DELAY_MS: '5000',
      API_DRAIN_DELAY_MS: '5000',
      // A webhook of Twilio's that is on its way would be told a second time.
      JOBS_COMPARE_LOOK_MS: '3600000',
    },
  });
}, 400_000);
afterAll(() => system?.stop(), 300_000);

/** Times how long each takes to end, the longest by name, and sees that it ended by itself. */
function timeStops() {
  const took: Record<string, number> = {};
  return {
    took,
    async stop(name: ServiceName, logFile: string, stop: () => Promise<void>) {
      const begunAt = performance.now();
      await stop();
      took[name] = Math.max(took[name] ?? 0, performance.now() - begunAt);
      const log = await readFile(logFile, 'utf8');
      expect(log.trimEnd().split('\n').at(-1)).toContain('"msg":"stopped"');
    },
  };
}
const logOf = (name: ServiceName) => join(system.dir, 'logs', `${name}.log`);

/** Posts each event of new calls once, to whoever `next` names, until it is ended. @returns how each was answered */
function postCalls(seed: number, everyMs: number, next: () => string) {
  const { running, ledger } = system;
  const calls = createCallGenerator(seed, { startAt: Date.now() - 86_400_000, repeats: 0 });
  const statuses: Record<string, number> = {};
  const posting: Promise<void>[] = [];
  let ended = false;
  const post = async (body: ReturnType<typeof calls.next>[number]) => {
    const text = JSON.stringify(body);
    const begunAt = performance.now();
    const status = await fetch(`${next()}/api/v1/voice/webhook`, {
      method: 'POST',
      headers: signZoice(running.demo.webhook_secret, text, Math.floor(Date.now() / 1_000)),
      body: text,
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    statuses[status] = (statuses[status] ?? 0) + 1;
    const event = { id: body.event_id, callId: body.call.id, turns: body.transcript?.turns.length ?? 0 };
    ledger.note({
      event,
      accepted: status === 202,
      tries: 1,
      status,
      answerMs: performance.now() - begunAt,
    });
  };
  const going = (async () => {
    while (!ended)
      for (const body of calls.next()) {
        if (ended) break;
        const one = post(body);
        // Looked at in the end: until then it is no unhandled rejection.
        one.catch(() => undefined);
        posting.push(one);
        await sleep(everyMs);
      }
  })();
  onTestFinished(() => {
    ended = true;
  });
  return async () => {
    ended = true;
    await going;
    await Promise.all(posting);
    return statuses;
  };
}

test('a rolling restart under load drops no request: /readyz turns first', { timeout: 600_000 }, async () => {
  const { running } = system;
  const second = { ingest: await running.join('ingest'), api: await running.join('api') };
  const doors = {
    ingest: startBalancer([running.demo.ingest, second.ingest.url]),
    api: startBalancer([running.demo.api, second.api.url]),
  };
  await Promise.all([doors.ingest.allReady(), doors.api.allReady()]);
  const end = postCalls(501, 60, doors.ingest.next);
  const answers: Record<string, number> = {};
  let reading = true;
  const reader = (async () => {
    while (reading) {
      const url = `${doors.api.next()}/api/v1/patients?limit=1`;
      const status = await fetch(url, { headers: { 'x-api-key': running.demo.api_key } }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => 0,
      );
      answers[status] = (answers[status] ?? 0) + 1;
      await sleep(60);
    }
  })();
  reader.catch(() => undefined);
  const { took, stop } = timeStops();
  try {
    for (const name of ['ingest', 'api'] as const) {
      await stop(name, logOf(name), () => running.hold(name));
      await running.release(name);
      await doors[name].allReady();
      await stop(name, second[name].logFile, () => second[name].stop());
      await second[name].restart();
      await doors[name].allReady();
    }
  } finally {
    reading = false;
  }
  await reader;
  const statuses = await end();
  await Promise.all([doors.ingest.stop(), doors.api.stop(), second.ingest.stop(), second.api.stop()]);
  expect(Object.keys(statuses)).toEqual(['202']);
  expect(Object.keys(answers)).toEqual(['200']);
  console.table(took);
  expect(Math.max(...Object.values(took))).toBeLessThanOrEqual(drainMs);
  expect(Math.min(statuses[202] ?? 0, answers[200] ?? 0)).toBeGreaterThan(100);
});

test('whoever is told to end, or leaves its group, under load does so in order within 30 s, and nothing comes twice', {
  timeout: 1_200_000,
}, async () => {
  const { running, stores, dir } = system;
  const { demo } = running;
  const ended = new AbortController();
  onTestFinished(() => ended.abort());
  // Each consumer has something in its hands, and jobs files to fetch, answers to send, webhooks to tell and letters to put back.
  const world = { ...system, seed: 502, durationMs: 400_000, pace: 0.4, once: true, ended: ended.signal };
  const writers = [
    receiveWebhooks(world),
    await writeDesk(world),
    writeClinicEvents(world),
    writeWhatsapp(world),
    writeImports(world),
    writeLetters(world),
  ];
  const end = postCalls(502, 150, () => demo.ingest);
  const writing = Promise.all(writers.map((writer) => writer.run()));
  writing.catch(() => undefined);
  let repeats = 0;
  const { took, stop } = timeStops();
  for (const name of ['enrich', 'sink-postgres', 'sink-clickhouse', 'jobs'] as const) {
    // One, two, three of them, and one again.
    const more = [await running.join(name), await running.join(name)];
    for (const one of more) {
      const door = startBalancer([one.url]);
      await door.allReady();
      await door.stop();
    }
    await running.ready();
    await allAssigned(name, demo.kafka, [logOf(name), ...more.map(({ logFile }) => logFile)]);
    for (const one of more) {
      if (name === 'sink-postgres') repeats += await countRepeats(one.url);
      await stop(name, one.logFile, () => one.stop());
    }
    await allAssigned(name, demo.kafka, [logOf(name)]);
    if (name === 'sink-postgres') repeats += await countRepeats(await urlOf(dir, name));
    await stop(name, logOf(name), () => running.hold(name));
    await running.release(name);
    await running.ready([name]);
    await allAssigned(name, demo.kafka, [logOf(name)]);
  }
  ended.abort();
  const statuses = await end();
  await writing;
  for (const writer of writers) await writer.settle?.();
  expect(Object.keys(statuses)).toEqual(['202']);
  await comeToRest(demo, stores.postgres, 240_000);
  repeats += await countRepeats(await urlOf(dir, 'sink-postgres'));
  console.table(took);
  expect(Math.max(...Object.values(took))).toBeLessThanOrEqual(drainMs);
  expect(repeats).toBe(0);
  const notes = writers.map((writer) => ({ name: writer.name, counts: writer.notes() }));
  console.log(notes);
  for (const { name, counts } of notes)
    expect([name, Math.max(...Object.values(counts)) > 0]).toEqual([name, true]);
  expect(notes).toContainEqual({ name: 'webhooks out', counts: expect.objectContaining({ again: 0 }) });
  const { findings } = await checkAll({ ...system, writers });
  expect(findings).toEqual([]);
});
