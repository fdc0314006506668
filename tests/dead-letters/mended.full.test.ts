import { SwitchboardError } from '@switchboard/platform';
import { withTenant } from '@switchboard/postgres';
import { askReplays } from '@switchboard/postgres/pipeline/decide-dead-letters';
import { listDeadLetters } from '@switchboard/postgres/pipeline/find-dead-letters';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { createReplayStand, type ReplayStand } from './replay-stand.ts';

const patience = { timeout: 90_000, interval: 100 };
const count = 40;
let stand: ReplayStand;
beforeAll(async () => {
  stand = await createReplayStand(inject('engines'));
  stand.sink.start();
}, 60_000);
afterAll(() => stand.close());

const ask = (states: ('open' | 'replayed')[]) =>
  withTenant(stand.pool, stand.tenantId, (client) => askReplays(client, stand.tenantId, { states }));
const settled = (state: string, letters: number) =>
  vi.waitFor(async () => expect(await stand.letters(state)).toBe(letters), patience);

it('what could not go on lands once when its cause is mended and it is put back, however often (outpost #670: a key kept a wanted replay out)', async () => {
  await stand.sendPatients(count);
  await settled('open', count);
  let away = true;
  let sent = 0;
  const replays = stand.startReplays(async (message) => {
    // The broker takes every third, and its answer is lost once.
    sent += 1;
    if (away && sent % 3 === 0)
      throw new SwitchboardError('broker_unavailable', 'the broker is away', { retryable: true });
    await stand.producer.send(message);
    if (away && sent % 3 === 1)
      throw new SwitchboardError('broker_unavailable', 'the broker did not answer', { retryable: true });
  });

  // The cause is not mended yet: each is open again, with one attempt more.
  await ask(['open']);
  replays.wake();
  await vi.waitFor(async () => expect(sent).toBeGreaterThanOrEqual(count), patience);
  away = false;
  await stand.database.admin.query('UPDATE dead_letters SET replay_due_at = now()');
  replays.wake();
  await settled('open', count);
  const again = await withTenant(stand.pool, stand.tenantId, (client) =>
    listDeadLetters(client, stand.tenantId, { filter: {}, limit: 100 }),
  );
  expect(new Set(again.map(({ attempts }) => attempts))).toEqual(new Set([2]));
  expect(await stand.patients()).toBe(0);

  await stand.mend();
  for (const states of [['open'], ['replayed']] as const) {
    expect(await ask([...states])).toHaveLength(count);
    replays.wake();
    await settled('replayed', count);
    await vi.waitFor(
      async () => expect([await stand.patients(), await stand.effects()]).toEqual([count, count]),
      patience,
    );
  }
  await replays.stop();
  expect(stand.log.join('') + stand.sink.printed()).not.toContain('Zzsecretzz');
}, 240_000);
