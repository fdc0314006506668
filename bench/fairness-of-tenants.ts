import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTenant } from '@switchboard/prepare/tenants/create-tenant';
import { setQuotas } from '@switchboard/prepare/tenants/set-quotas';
import { startSwitchboard } from '@switchboard/start';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { z } from 'zod';
import { callBodies } from './call-bodies.ts';
import { createCallPoster } from './call-poster.ts';
import { lagOf } from './lag-of.ts';
import { runLoad } from './load/run-load.ts';
import { postAtRate } from './post-at-rate.ts';
import { type Bench, latencies, median, round } from './report.ts';

const ROUNDS = 5;
const TURNS = 12;
const OTHERS = 3;
/** Of each of the others, a second. */
const RATE = 20;
const QUOTA_PER_MINUTE = 1_200;
/** Of the one that asks for too much, a second: ten times its quota. */
const GREEDY_RATE = (QUOTA_PER_MINUTE / 60) * 10;
const WARM_UP_SECONDS = 30;
const WINDOW_MS = 60_000;
const named = z.object({ call: z.object({ id: z.string() }) });

interface Clinic {
  id: string;
  slug: string;
  webhook_secret: string;
}

/** The others' figures of one round, ms. */
interface Round {
  /** From due to answered. */
  answers: number[];
  /** From due to the transaction that wrote its row. */
  rows: number[];
}

/**
 * How much later clinics are answered, and have their calls in Postgres, beside one that posts ten times its quota: rounds
 * without and with it, in turn. Each begins with the window of the quota, in which it is at its worst.
 */
export const fairnessOfTenants: Bench = async ({ seconds = 20, emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const env = { INGEST_TENANTS_REFRESH_MS: '500' };
  const running = await startSwitchboard({ dir, env, say });
  const { ingest } = running.demo;
  const stores = openStores(running.demo, { applicationName: 'bench' });
  try {
    const [greedy, ...others] = await makeClinics(stores, dir);
    if (!greedy) throw new Error('no clinic was made');
    await setQuotas(stores.postgres, greedy.slug, { events_per_minute: QUOTA_PER_MINUTE });
    let seed = 0;
    const post = async (
      clinic: Clinic,
      rate: number,
      forSeconds: number,
      on: (body: string, dueAt: number) => void,
    ) => {
      const poster = createCallPoster({ ...clinic, ingest }, 64);
      const endsAt = Date.now() - 1_000;
      seed += 1;
      await postAtRate({
        bodies: callBodies(rate * forSeconds, { seed, turns: TURNS, endsAt }),
        rate,
        async post(body, dueAt) {
          await poster.post(body);
          on(body, dueAt);
        },
      });
      await poster.close();
    };
    // From a process of its own: what it costs to ask for too much is not the others'.
    const askTooMuch = (forSeconds: number, notBefore: number) =>
      runLoad(
        {
          url: `${ingest}/api/v1/voice/webhook/${greedy.slug}`,
          secret: greedy.webhook_secret,
          kind: 'open',
          connections: 64,
          perSecond: GREEDY_RATE,
          seconds: forSeconds,
          turns: TURNS,
          bytes: 0,
          bodies: GREEDY_RATE * forSeconds,
          seed: ++seed,
          notBefore,
        },
        ['202', '429'],
      );
    const playRound = async (forSeconds: number, isGreedyThere: boolean): Promise<Round> => {
      for (const topic of ['voice-call.received.v1', 'voice-call.enriched.v1'] as const)
        while ((await lagOf(running.demo, topic)) > 0) await sleep(500);
      // Beside the greedy one it is the minute after the next: until then its bodies are made and signed.
      const startAt = (Math.floor(Date.now() / WINDOW_MS) + (isGreedyThere ? 2 : 1)) * WINDOW_MS;
      const asked = isGreedyThere ? askTooMuch(forSeconds, startAt) : undefined;
      asked?.catch(() => undefined);
      await sleep(startAt - Date.now());
      const answers: number[] = [];
      const dueAts = new Map<string, number>();
      const note = (body: string, dueAt: number) => {
        answers.push(performance.now() - dueAt);
        dueAts.set(named.parse(JSON.parse(body)).call.id, performance.timeOrigin + dueAt);
      };
      await Promise.all(others.map((clinic) => post(clinic, RATE, forSeconds, note)));
      if (asked) say(`the greedy one was answered ${JSON.stringify((await asked).statuses)}`);
      return { answers, rows: await agesOf(stores, others, dueAts) };
    };

    await playRound(WARM_UP_SECONDS, false);
    const [alone, beside]: [Round[], Round[]] = [[], []];
    for (let index = 1; index <= ROUNDS; index += 1) {
      alone.push(await playRound(seconds, false));
      beside.push(await playRound(seconds, true));
      const [without, within] = [alone, beside].map((rounds) => rounds.at(-1)?.rows ?? []);
      say(`round ${index}: rows' p95 ${p95(without ?? [])} ms alone, ${p95(within ?? [])} ms beside`);
    }
    for (const kind of ['answers', 'rows'] as const) {
      const of = (rounds: Round[]) => rounds.flatMap((one) => one[kind]);
      const ratios = beside.map((one, index) => p95(one[kind]) / p95(alone[index]?.[kind] ?? []));
      const spent = ROUNDS * seconds;
      emit({
        bench: 'fairness-of-tenants',
        what: `${kind === 'answers' ? 'webhooks due to answered' : 'webhooks due to written in Postgres'} of ${OTHERS} clinics of ${RATE}/s, beside one that posts ${GREEDY_RATE}/s and may ${QUOTA_PER_MINUTE / 60}`,
        count: of(beside).length,
        unit: 'webhooks',
        seconds: spent,
        per_second: round(of(beside).length / spent),
        ...latencies(of(beside)),
        reference: { what: 'the same without it', per_second: round(of(alone).length / spent) },
        rounds: ratios.map((ratio) => round(ratio, 3)),
        figures: { ratio_of_p95: round(median(ratios), 3), p95_ms_alone: p95(of(alone)) },
      });
    }
  } finally {
    await stores.close();
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

async function makeClinics({ postgres }: Stores, dir: string): Promise<Clinic[]> {
  const kept: unknown = JSON.parse(await readFile(join(dir, 'secrets.json'), 'utf8'));
  const { secretsKey } = z.object({ secretsKey: z.string() }).parse(kept);
  const clinics: Clinic[] = [];
  for (const slug of ['greedy', ...Array.from({ length: OTHERS }, (_, at) => `other-${at}`)]) {
    const { id, webhookSecret = '' } = await createTenant(postgres, {
      slug,
      name: slug,
      timeZone: 'Asia/Kolkata',
      country: 'IN',
      locale: 'en-IN',
      owner: { email: `owner@${slug}.example`, name: 'Owner' },
      numbers: [],
      password: undefined,
      secretsKey: Buffer.from(secretsKey, 'base64'),
      now: Date.now,
    });
    clinics.push({ id, slug, webhook_secret: webhookSecret });
  }
  // Until ingest knows them.
  await sleep(2_000);
  return clinics;
}

/** From when each call was due until the transaction that wrote it, once all are there, ms. */
async function agesOf(
  { postgres }: Stores,
  clinics: readonly Clinic[],
  dueAts: ReadonlyMap<string, number>,
): Promise<number[]> {
  for (;;) {
    const { rows } = await postgres.query<{ id: string; at: Date }>(
      'SELECT external_id AS id, created_at AS at FROM voice_calls WHERE tenant_id = ANY ($1) AND external_id = ANY ($2)',
      [clinics.map(({ id }) => id), [...dueAts.keys()]],
    );
    if (rows.length === dueAts.size)
      return rows.map(({ id, at }) => at.getTime() - (dueAts.get(id) ?? Number.NaN));
    await sleep(500);
  }
}

function p95(values: readonly number[]): number {
  return latencies(values).p95_ms ?? Number.NaN;
}
