import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSwitchboard } from '@switchboard/start';
import { openStores } from '@switchboard/testkit/open-stores';
import { z } from 'zod';
import { callBodies } from './call-bodies.ts';
import { createCallPoster } from './call-poster.ts';
import { lagOf } from './lag-of.ts';
import { postAtRate } from './post-at-rate.ts';
import { type Bench, latencies, round } from './report.ts';

const RATE = 20;
const TURNS = 12;
/** By what a caller says; see services/enrich/src/testing/hostile-extraction.ts. The last one's row is refused by Postgres. */
const poisons = ['zz-hang', 'zz-exit', 'zz-memory', 'zz-refused'];
const hostileMain = fileURLToPath(new URL('../services/enrich/src/testing/hostile-main.ts', import.meta.url));
const callShape = z.looseObject({
  call: z.looseObject({ id: z.string() }),
  summary: z.string().nullish(),
  transcript: z.looseObject({ turns: z.array(z.looseObject({ text: z.string() })) }),
});

/** For how long one event that hangs, ends or fills the thread that reads it, or whose row is refused, holds those behind it. */
export const poison: Bench = async ({ seconds = 10, emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const running = await startSwitchboard({ dir, say, mains: { enrich: hostileMain } });
  const stores = openStores(running.demo, { applicationName: 'bench' });
  const poster = createCallPoster(running.demo, 64);
  try {
    await stores.postgres.query(
      `ALTER TABLE voice_calls ADD CONSTRAINT poison CHECK (summary IS DISTINCT FROM 'zz-refused') NOT VALID`,
    );
    let without = Number.NaN;
    // The first round is for compilers; the second is what the others are compared with.
    for (const [seed, word] of ['nothing', 'nothing', ...poisons].entries()) {
      const dueAts = new Map<string, number>();
      const count = RATE * seconds;
      let made = 0;
      const poisoned = function* () {
        for (const body of callBodies(count, { seed, turns: TURNS, endsAt: Date.now() - 1_000 })) {
          made += 1;
          yield made === Math.ceil(count / 4) ? poisonOf(body, word) : body;
        }
      };
      const startedAt = performance.now();
      await postAtRate({
        bodies: poisoned(),
        rate: RATE,
        async post(body, dueAt) {
          await poster.post(body);
          dueAts.set(callShape.parse(JSON.parse(body)).call.id, performance.timeOrigin + dueAt);
        },
      });
      while (
        (await lagOf(running.demo, 'voice-call.received.v1')) +
          (await lagOf(running.demo, 'voice-call.enriched.v1')) >
        0
      )
        await sleep(200);
      const { rows } = await stores.postgres.query<{ id: string; at: Date }>(
        'SELECT external_id AS id, created_at AS at FROM voice_calls WHERE external_id = ANY ($1)',
        [[...dueAts.keys()]],
      );
      const ages = rows.map(({ id, at }) => at.getTime() - (dueAts.get(id) ?? Number.NaN));
      const held = round(Math.max(...ages), 0);
      if (word === 'nothing') {
        without = held;
        continue;
      }
      emit({
        bench: 'poison',
        what: `calls from due to written in Postgres, ${RATE} a second of all partitions, one of them poison: ${word}`,
        count: rows.length,
        unit: 'calls',
        seconds: round((performance.now() - startedAt) / 1_000),
        per_second: round(rows.length / ((performance.now() - startedAt) / 1_000)),
        ...latencies(ages),
        figures: { held_ms: held, longest_without_poison_ms: without, set_aside: count - rows.length },
      });
    }
  } finally {
    await poster.close();
    await stores.close();
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

function poisonOf(text: string, word: string): string {
  const body = callShape.parse(JSON.parse(text));
  const [turn] = body.transcript.turns;
  if (word === 'zz-refused') body.summary = word;
  else if (turn && word !== 'nothing') turn.text = word;
  return JSON.stringify(body);
}
