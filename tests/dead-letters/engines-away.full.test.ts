import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineName } from '@switchboard/start';
import { checkLedger } from '@switchboard/testkit/ledger-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { comeToRest, deadLettersSent } from '../chaos/come-to-rest.ts';
import { planPostings } from '../chaos/plan-postings.ts';
import { type OwnSystem, startOwnSystem } from '../chaos/start-own-system.ts';
import { postAll } from '../chaos/vendor.ts';

/** How long engines are away; what waits for them does so by the same code after a minute as after ten. */
const awayMs = Number(process.env.SWITCHBOARD_AWAY_SECONDS ?? 600) * 1_000;
/** What is posted while webhooks can't be taken: later than this before the end, so that no vendor has given up. */
const lastMs = Math.min(awayMs, 60_000);
let system: OwnSystem;
beforeAll(async () => {
  system = await startOwnSystem();
}, 240_000);
afterAll(() => system?.stop(), 300_000);

/** Stops engines while calls that were taken are under way, posts more of them, and starts them again. */
async function stopEngines(engines: readonly EngineName[], seed: number, postedFromMs: number) {
  const { running, ledger } = system;
  const post = (from: number, calls: number) =>
    postAll(running.demo, ledger, planPostings({ seed: from, calls, rate: calls, now: Date.now() }));
  await post(seed, 100);
  for (const engine of engines) await running.hold(engine);
  await sleep(postedFromMs);
  const during = [];
  for (let minute = 0; postedFromMs + minute * lastMs < awayMs; minute += 1) {
    during.push(post(seed + 1 + minute, 50));
    await sleep(Math.min(lastMs, awayMs - postedFromMs - minute * lastMs));
  }
  for (const engine of engines) await running.release(engine);
  await Promise.all(during);
}

it.each([
  { engines: ['postgres', 'clickhouse'], seed: 100, postedFromMs: 0 },
  { engines: ['kafka', 'schema-registry'], seed: 200, postedFromMs: awayMs - lastMs },
] as const)(
  '$engines away make no dead letter, at no stage: what was under way waits, and lands once when they are back',
  async ({ engines, seed, postedFromMs }) => {
    await stopEngines(engines, seed, postedFromMs);
    const { running, ledger, stores } = system;
    expect(ledger.missing()).toEqual([]);
    await comeToRest(running.demo, stores.postgres, 300_000);
    expect(await deadLettersSent(running.demo)).toBe(0);
    const { findings } = await checkLedger({ ledger, tenantId: running.demo.tenant, ...stores });
    expect(findings).toEqual([]);
  },
  3_600_000,
);
