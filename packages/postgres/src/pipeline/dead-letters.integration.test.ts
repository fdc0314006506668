import { randomUUID } from 'node:crypto';
import { createSealer } from '@switchboard/platform';
import type { DeadLetter } from '@switchboard/schemas';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool, inTransaction, type Pool, withTenant } from '../pool.ts';
import { storeDeadLetter } from './dead-letters.ts';
import { askReplays, discardDeadLetters } from './decide-dead-letters.ts';
import { type DeadLetterFilter, listDeadLetters, readDeadLetter } from './find-dead-letters.ts';
import { removeOldOriginals, tenantsWithOldOriginals } from './old-originals.ts';
import { claimReplays, endReplays, failReplay } from './replays.ts';

const sealer = createSealer(Buffer.alloc(32, 3));
const soon = { most: 100, mostBytes: 1e6, leaseMs: 60_000 };
let database: TestDatabase;
let pool: Pool;
let ingest: Pool;
let tenant: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test' });
  ingest = createPool({ url: database.urlAs('switchboard_ingest'), applicationName: 'test' });
  tenant = await database.addTenant();
});
afterAll(async () => {
  await Promise.all([pool.end(), ingest.end()]);
  await database.drop();
});

const letterOf = (parts: Partial<DeadLetter> = {}): DeadLetter => ({
  dead_letter_id: randomUUID(),
  tenant_id: tenant,
  stage: 'sink',
  reason: 'row_refused',
  detail: '23514',
  source: 'switchboard.record.received.v1',
  topic: 'record.received.v1',
  event_id: randomUUID(),
  call_id: null,
  message_key: `${tenant}:k`,
  schema_id: 1,
  content_type: 'application/vnd.confluent.avro',
  sealed: sealer.seal(Buffer.from('original')),
  attempts: 1,
  first_at: 1_795_000_000_000,
  last_at: 1_795_000_000_000,
  replay_id: null,
  ...parts,
});
const store = async (parts: Partial<DeadLetter> = {}, people: string[] = []) => {
  const letter = letterOf(parts);
  await storeDeadLetter(pool, letter, people);
  return letter;
};
const idOf = ({ dead_letter_id: id }: DeadLetter) => id;
const ask = (filter: DeadLetterFilter) =>
  withTenant(pool, tenant, (client) => askReplays(client, tenant, filter));
const read = (letter: DeadLetter) =>
  withTenant(pool, tenant, (client) => readDeadLetter(client, tenant, idOf(letter)));
/** Claims and forgets: as a process that dies right then. */
const claimOne = async (letter: DeadLetter, options = soon) =>
  (await claimReplays(pool, 'topic', options)).find(({ id }) => id === idOf(letter));

describe('a dead letter', () => {
  it('is put back, opens again when that fails, and can be put back again (outpost #670: each replay has an id of its own)', async () => {
    const letter = await store();
    expect(await ask({ id: idOf(letter) })).toEqual([idOf(letter)]);
    expect(await ask({ id: idOf(letter) })).toEqual([]);
    const first = await claimOne(letter);
    expect(first && sealer.open(first.sealed).toString()).toBe('original');
    expect(first).toMatchObject({ topic: letter.topic, eventId: letter.event_id, messageKey: `${tenant}:k` });
    await endReplays(pool, [first ?? { id: '', replayId: '' }]);
    expect(await read(letter)).toMatchObject({ state: 'replayed', attempts: 1, replays: 1 });

    const failed = {
      ...letter,
      replay_id: first?.replayId ?? null,
      reason: 'unexpected_error',
      last_at: letter.last_at + 60_000,
    };
    for (const _ of ['it comes', 'it is delivered twice']) await storeDeadLetter(pool, failed, []);
    expect(await read(letter)).toMatchObject({
      state: 'open',
      attempts: 2,
      reason: 'unexpected_error',
      last_at: new Date(failed.last_at),
    });
    expect(await ask({ id: idOf(letter) })).toHaveLength(1);
    const second = await claimOne(letter);
    expect(second?.replayId).not.toBe(first?.replayId);
    // What is told late of the first replay says nothing of the second.
    await storeDeadLetter(pool, { ...failed, last_at: failed.last_at + 1 }, []);
    await endReplays(pool, first ? [first] : []);
    expect((await read(letter))?.state).toBe('replaying');
    await endReplays(pool, second ? [second] : []);
    expect(await read(letter)).toMatchObject({ state: 'replayed', replays: 2 });
    expect(await ask({ id: idOf(letter), states: ['replayed'] })).toHaveLength(1);
  });

  it('whose replay fails before the process has marked it stays open', async () => {
    const letter = await store();
    await ask({ id: idOf(letter) });
    const replay = await claimOne(letter);
    await storeDeadLetter(pool, { ...letter, replay_id: replay?.replayId ?? null }, []);
    await endReplays(pool, replay ? [replay] : []);
    expect(await read(letter)).toMatchObject({ state: 'open', attempts: 2 });
  });

  it('that a process took and did not end is another’s when the lease is over, and no sooner', async () => {
    const letter = await store();
    await ask({ id: idOf(letter) });
    const first = await claimOne(letter);
    expect(await claimOne(letter)).toBeUndefined();
    await database.admin.query(`UPDATE dead_letters SET replay_due_at = now() WHERE id = $1`, [idOf(letter)]);
    expect((await claimOne(letter))?.replayId).toBe(first?.replayId);
    await failReplay(pool, first ?? { id: '', replayId: '' }, { reason: null, detail: 'seal_broken' });
    expect(await read(letter)).toMatchObject({
      state: 'open',
      attempts: 2,
      reason: 'row_refused',
      detail: 'seal_broken',
    });
  });

  it('that comes by itself again opens what was put back, and not what was given up', async () => {
    const [again, given] = [await store(), await store()];
    await ask({ id: idOf(again) });
    const replay = await claimOne(again);
    await endReplays(pool, replay ? [replay] : []);
    await withTenant(pool, tenant, (client) =>
      discardDeadLetters(client, tenant, { id: idOf(given) }, 'a test call'),
    );
    for (const letter of [again, given])
      await storeDeadLetter(pool, { ...letter, last_at: letter.last_at + 5 }, []);
    expect((await read(again))?.state).toBe('open');
    expect(await read(given)).toMatchObject({ state: 'discarded', discard_reason: 'a test call' });
    expect(await ask({ id: idOf(given), states: ['open', 'replayed'] })).toEqual([]);
  });

  it('whose original was removed is not put back, and has one again when the same event fails once more', async () => {
    const [again, given] = [await store(), await store()];
    await ask({ id: idOf(again) });
    const replay = await claimOne(again);
    await endReplays(pool, replay ? [replay] : []);
    await withTenant(pool, tenant, (client) =>
      discardDeadLetters(client, tenant, { id: idOf(given) }, 'a test call'),
    );
    for (const before of [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)])
      for (const tenantId of await tenantsWithOldOriginals(pool, before))
        await inTransaction(pool, async (client) => {
          await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
          await removeOldOriginals(client, tenantId, before, 100);
        });
    expect([(await read(again))?.bytes, (await read(given))?.bytes]).toEqual([0, 0]);
    expect(await ask({ id: idOf(again), states: ['replayed'] })).toEqual([]);

    for (const letter of [again, given])
      await storeDeadLetter(pool, { ...letter, last_at: letter.last_at + 5 }, []);
    expect(await read(again)).toMatchObject({ state: 'open', sealed: again.sealed });
    expect(await read(given)).toMatchObject({ state: 'discarded', bytes: 0 });
    expect(await ask({ id: idOf(again) })).toHaveLength(1);
    await failReplay(pool, (await claimOne(again)) ?? { id: '', replayId: '' }, {
      reason: null,
      detail: null,
    });
  });

  it('leaves memory for others: originals are claimed until they are too many bytes, at least one', async () => {
    const letters = await Promise.all([1, 2, 3].map((at) => store({ first_at: at })));
    await ask({ reasons: ['row_refused'], states: ['open'] });
    const claimed = await claimReplays(pool, 'topic', { ...soon, mostBytes: 40 });
    expect(claimed.map(({ id }) => id)).toEqual(letters.slice(0, 2).map(idOf));
  });

  it('that was on no topic is for ingest, and ingest sees no other', async () => {
    const [body, message] = [await store({ topic: null, stage: 'ingest' }), await store()];
    for (const letter of [body, message]) await ask({ id: idOf(letter) });
    expect((await claimReplays(ingest, 'ingest', soon)).map(({ id }) => id)).toEqual([idOf(body)]);
    await expect(claimReplays(ingest, 'topic', soon)).rejects.toMatchObject({ code: '42501' });
  });

  it('is found by what it is and by whom it names', async () => {
    const person = randomUUID();
    const letter = await store({ stage: 'enrich', reason: 'step_failed', topic: 'message.received.v1' }, [
      person,
    ]);
    const found = async (filter: DeadLetterFilter) =>
      (
        await withTenant(pool, tenant, (client) => listDeadLetters(client, tenant, { filter, limit: 500 }))
      ).some(({ id }) => id === idOf(letter));
    const at = new Date(letter.last_at);
    const met: DeadLetterFilter[] = [
      { states: ['open', 'discarded'] },
      { stages: ['enrich'] },
      { reasons: ['step_failed', 'bad_payload'] },
      { topics: ['message.received.v1'] },
      { source: letter.source },
      { from: at, to: new Date(letter.last_at + 1) },
      { people: [randomUUID(), person] },
      { searched: true },
    ];
    for (const filter of met) expect([filter, await found(filter)]).toEqual([filter, true]);
    const unmet: DeadLetterFilter[] = [
      { states: ['replayed'] },
      { stages: ['sink'] },
      { reasons: ['not_json'] },
      { topics: ['record.received.v1'] },
      { source: 'zoice' },
      { to: at },
      { people: [randomUUID()] },
      { searched: false },
    ];
    for (const filter of unmet) expect([filter, await found(filter)]).toEqual([filter, false]);
  });

  it('of no clinic is seen by who works for none, and by no clinic', async () => {
    const letter = await store({ tenant_id: null });
    const list = (tenantId: string | null) => (client: Parameters<typeof listDeadLetters>[0]) =>
      listDeadLetters(client, tenantId, { filter: { id: idOf(letter) }, limit: 5 });
    expect(await inTransaction(pool, list(null))).toHaveLength(1);
    expect(await withTenant(pool, tenant, list(null))).toEqual([]);
    expect(await inTransaction(ingest, list(null)).catch(({ code }) => code)).toBe('42501');
  });
});
