import { withTenant } from '@switchboard/postgres';
import { askReplays } from '@switchboard/postgres/pipeline/decide-dead-letters';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { createReplayStand, type ReplayStand } from './replay-stand.ts';

const patience = { timeout: 600_000, interval: 500 };
const count = 10_000;
let stand: ReplayStand;
beforeAll(async () => {
  stand = await createReplayStand(inject('engines'));
  stand.sink.start();
}, 60_000);
afterAll(() => stand.close());

it('10,000 bad events, their cause mended, are put back: all land, none twice, and a second time works', async () => {
  await stand.sendPatients(count);
  await vi.waitFor(async () => expect(await stand.letters('open')).toBe(count), patience);
  await stand.mend();
  const replays = stand.startReplays();
  for (const state of ['open', 'replayed'] as const) {
    const asked = await withTenant(stand.pool, stand.tenantId, (client) =>
      askReplays(client, stand.tenantId, { states: [state] }),
    );
    expect(asked).toHaveLength(count);
    replays.wake();
    // The sink is killed while they come back.
    await vi.waitFor(
      async () => expect(await stand.letters('replayed')).toBeGreaterThan(count / 4),
      patience,
    );
    await stand.sink.end('SIGKILL');
    stand.sink.start();
    await vi.waitFor(async () => {
      expect(await stand.letters('replayed')).toBe(count);
      expect([await stand.patients(), await stand.effects()]).toEqual([count, count]);
    }, patience);
  }
  await replays.stop();
}, 1_800_000);
