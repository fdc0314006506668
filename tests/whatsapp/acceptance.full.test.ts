import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@switchboard/start';
import { faultsBySeed, twilioErrors } from '@switchboard/testkit/twilio/twilio-faults';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkAll } from '../chaos/check-all.ts';
import { comeToRest } from '../chaos/come-to-rest.ts';
import { type OwnSystem, startOwnSystem } from '../chaos/start-own-system.ts';
import { writeWhatsapp } from '../chaos/traffic/whatsapp.ts';

/** `SWITCHBOARD_TEST_MESSAGES`: how many come in; half as many go out. */
const messages = Number(process.env.SWITCHBOARD_TEST_MESSAGES ?? 5_000);
/** A writer at pace 1 receives one each 700 ms. */
const usualEveryMs = 700;
const perSecond = 10;
const killed: readonly (ServiceName | 'twilio')[] = ['sink-postgres', 'twilio', 'api', 'jobs'];
const killEveryMs = 8_000;
const twilioAwayMs = 2_000;
let system: OwnSystem;

beforeAll(async () => {
  system = await startOwnSystem({
    env: { JOBS_MESSAGE_TIMEOUT_MS: '2000', JOBS_MESSAGE_SETTLED_MS: '20000' },
  });
}, 600_000);
afterAll(() => system?.stop(), 120_000);

it(`${messages} messages in and answers to half of them, while sink, api, jobs and Twilio are killed and Twilio hangs up: each once, none sent twice, at most one in a thousand unknown`, {
  timeout: 5_400_000,
}, async () => {
  const { running, stores, twilio } = system;
  twilio.faults(
    faultsBySeed(1, [
      [0.01, { kind: 'cut', accepted: true }],
      [0.01, { kind: 'cut', accepted: false }],
      [0.005, { kind: 'silent', accepted: true }],
      [0.005, { kind: 'silent', accepted: false }],
      [0.005, { kind: 'broken', status: 503, accepted: true }],
      [0.005, { kind: 'broken', status: 503, accepted: false }],
      [0.03, { ...twilioErrors.tooMany, retryAfter: '1' }],
      [0.2, { kind: 'slow', ms: 300 }],
    ]),
  );
  const durationMs = (messages / perSecond) * 1_000;
  const writer = writeWhatsapp({ ...system, seed: 5, durationMs, pace: (perSecond * usualEveryMs) / 1_000 });
  let over = false;
  const killing = (async () => {
    for (let turn = 0; !over; turn += 1) {
      await sleep(killEveryMs);
      const name = killed[turn % killed.length] ?? 'jobs';
      if (name === 'twilio') {
        await twilio.kill(twilioAwayMs);
        continue;
      }
      await running.kill(name, 'SIGKILL');
      // However slow the machine: who is killed has worked.
      await running.ready([name]);
    }
  })();
  try {
    await writer.run();
  } finally {
    over = true;
    await killing;
  }
  await writer.settle?.();
  await comeToRest(running.demo, stores.postgres, 600_000);
  const { drift, findings } = await checkAll({ ...system, writers: [writer] });
  const { rows } = await stores.postgres.query<{ state: string; n: number }>(
    'SELECT state, count(*)::int AS n FROM message_sends GROUP BY state',
  );
  const ended = Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  console.info(writer.notes(), ended);
  expect(findings).toEqual([]);
  expect(drift).toBe(0);
  const sends = rows.reduce((sum, { n }) => sum + n, 0);
  expect(ended.unknown ?? 0).toBeLessThanOrEqual(sends / 1_000);
});
