import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnEngines, startOwnEngines } from './testing/own-engines.ts';
import { createStand, type Stand, until } from './testing/stand.ts';

let own: OwnEngines;
let stand: Stand;
beforeAll(async () => {
  own = await startOwnEngines();
  stand = await createStand(own.engines);
});
afterAll(async () => {
  await stand.remove();
  await own.stop();
});

describe('the cycle, measured', () => {
  it('shows facts soon after their commit', async () => {
    const worker = stand.work();
    const waits: number[] = [];
    for (let n = 1; n <= 101; n++) {
      const committedAt = await stand.state(stand.calls(1));
      await until(async () => (await stand.counts()).daily === n);
      waits.push(Date.now() - committedAt);
    }
    await worker.stop();
    // The first one waits for the worker's start.
    const sorted = waits.slice(1).sort((a, b) => a - b);
    console.log(`visible after commit: p50 ${sorted[49]} ms, p95 ${sorted[94]} ms, max ${sorted[99]} ms`);
    // Each fact comes just after the cycle of the one before, so that a worker that missed every NOTIFY would show it a
    // whole tick of a second later.
    expect(sorted[49]).toBeLessThan(700);
  });

  it('moves a large backlog, block by block', async () => {
    for (let i = 0; i < 20; i++) await stand.state(stand.calls(5_000));
    const startedAt = Date.now();
    stand.work();
    await stand.settled(120_000);
    console.log(`${Math.round(100_000 / ((Date.now() - startedAt) / 1000))} rows/s through blocks`);
    expect((await stand.counts()).daily).toBe(100_101);
    const { rows } = await stand.database.admin.query('SELECT max(rows) AS most FROM blocks');
    expect(rows[0].most).toBe(20_000);
  });
});
