import { randomUUID } from 'node:crypto';
import { deadLetterReasons } from '@switchboard/domain/dead-letter-reasons';
import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { createSealer } from '@switchboard/platform';
import { searchVersion, unsearched } from '@switchboard/postgres/pipeline/dead-letters';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { letter, letterList, shownLetter } from '../dead-letters/letter-schema.ts';
import { testSecretsKey } from '../testing/api-stack.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';

const path = '/api/v1/dead-letters';
const original = '{"call":{"from":"+919812345678","note":"zzsecretzz"}}';
const olderKey = Buffer.alloc(32, 5);
const logged: string[] = [];
let clinic: ApiClinic;
beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'), {
    env: { SECRETS_OLD_KEYS: olderKey.toString('base64') },
    log: (line) => logged.push(line),
  });
});
afterAll(() => clinic?.stop());

interface Parts {
  reason?: string;
  state?: string;
  people?: string[];
  key?: Buffer;
  tenant?: string | null;
  topic?: string | null;
  searched?: boolean;
}

async function store({ reason = 'not_json', state = 'open', people = [], ...parts }: Parts = {}) {
  const id = randomUUID();
  const sealed = createSealer(parts.key ?? testSecretsKey).seal(Buffer.from(original));
  const { tenant = clinic.tenantId, topic = null, searched = true } = parts;
  await clinic.database.admin.query(
    `INSERT INTO dead_letters (id, tenant_id, stage, reason, source, topic, content_type, sealed, attempts, first_at, last_at,
       state, people, searches_left, search_version)
     VALUES ($1, $2, 'ingest', $3, 'zoice', $7, 'application/json', $4, 1, now(), now(), $5, $6, $8, ${searchVersion})`,
    [id, tenant, reason, sealed, state, people, topic, searched ? null : 0],
  );
  return id;
}
const list = async (query = '', client = clinic.owner) =>
  bodyOf(letterList, await client.get(`${path}${query}`));
const listed = async (query: string) => (await list(query)).dead_letters.map(({ id }) => id);

describe('dead letters', () => {
  test('are listed page by page, without their originals, each with its reason in words', async () => {
    const ids = [await store(), await store(), await store({ reason: 'too_deep' })];
    await clinic.newAudit();
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Awaited<ReturnType<typeof list>> = await list(`?limit=2${cursor && `&cursor=${cursor}`}`);
      for (const one of page.dead_letters) {
        seen.push(one.id);
        expect(one.explanation).toBe(Reflect.get(deadLetterReasons, one.reason));
      }
      expect(JSON.stringify(page)).not.toContain('zzsecretzz');
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(expect.arrayContaining(ids));
    expect(new Set(seen).size).toBe(seen.length);
    expect((await clinic.newAudit()).map(({ action }) => action)).toContain('dead_letter.list');
    expect(await listed('?reason=too_deep&stage=ingest&state=open')).toEqual([ids[2]]);
    expect((await problemOf(await clinic.owner.get(`${path}?cursor=nonsense`))).status).toBe(422);
  });

  test('are found by a patient, whose number stands in no address', async () => {
    const patient = randomUUID();
    await clinic.run(`INSERT INTO patients (tenant_id, id, origin) VALUES ($1, $2, 'desk')`, [patient]);
    await clinic.run(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', '+919812345678')`,
      [patient],
    );
    const pseudonym = pseudonymOf(testSecretsKey, clinic.tenantId, '+919812345678');
    const [theirs, other] = [
      await store({ people: [randomUUID(), pseudonym] }),
      await store({ people: [randomUUID()] }),
    ];
    expect(await listed(`?patient_id=${patient}`)).toEqual([theirs]);
    expect(await listed(`?pseudonym=${pseudonym}`)).toEqual([theirs]);
    expect(await listed(`?patient_id=${randomUUID()}`)).toEqual([]);
    expect(await listed('')).toContain(other);
  });

  test('that were not searched for their patient are told apart from those of nobody, listed, put back and given up', async () => {
    const [ended, failed] = [
      await store({ searched: false, people: [unsearched] }),
      await store({ searched: false }),
    ];
    const [nobodys, found] = [await store(), await store({ searched: false, people: [randomUUID()] })];
    expect((await listed('?searched=false')).sort()).toEqual([ended, failed].sort());
    const others = await listed('?searched=true&limit=500');
    expect(others).toEqual(expect.arrayContaining([nobodys, found]));
    expect(others).not.toContain(ended);
    const shown = await bodyOf(shownLetter, await clinic.manager.get(`${path}/${ended}`));
    expect(shown).toMatchObject({ people: [], searched: false });
    expect(await bodyOf(shownLetter, await clinic.manager.get(`${path}/${nobodys}`))).toMatchObject({
      people: [],
      searched: true,
    });
    await clinic.run(`UPDATE dead_letters SET reason = 'too_deep' WHERE tenant_id = $1 AND id = $2`, [
      failed,
    ]);
    const back = { reason: 'too_deep', searched: false };
    expect(await (await clinic.owner.post(`${path}/replay`, back)).json()).toEqual({ replaying: 1 });
    const discarded = await clinic.owner.post(`${path}/discard`, {
      reason: 'test',
      letters: { searched: false },
    });
    expect(await discarded.json()).toEqual({ discarded: 1 });
    expect(await listed('?searched=false&state=discarded')).toEqual([ended]);
    expect((await problemOf(await clinic.owner.get(`${path}?searched=no`))).status).toBe(422);
  });

  test('are shown opened to who may see patients’ data, and that is written down; sealed with an older key too', async () => {
    await clinic.newAudit();
    for (const id of [await store(), await store({ key: olderKey })]) {
      const shown = await bodyOf(shownLetter, await clinic.manager.get(`${path}/${id}`));
      expect(shown.original).toEqual({ encoding: 'utf8', body: original, event: null });
      const audit = await clinic.newAudit();
      expect(audit).toEqual([{ action: 'dead_letter.view', text: expect.stringContaining(id) }]);
    }
    const lost = await store({ key: Buffer.alloc(32, 99) });
    expect((await bodyOf(shownLetter, await clinic.owner.get(`${path}/${lost}`))).original).toBeNull();
  });

  test('are nothing for agents, analysts and other clinics; those of no clinic are for nobody here', async () => {
    const [id, nobodys] = [await store(), await store({ tenant: null })];
    const tries = [
      ['GET', path],
      ['GET', `${path}/${id}`],
      ['POST', `${path}/${id}/replay`],
      ['POST', `${path}/replay`],
      ['POST', `${path}/${id}/discard`],
      ['POST', `${path}/discard`],
    ] as const;
    for (const [method, url] of tries)
      for (const [client, status] of [
        [clinic.analyst, 403],
        [clinic.agent, 403],
        [clinic.nobody, 401],
      ] as const)
        expect([url, (await client.send(method, url, method === 'POST' ? {} : undefined)).status]).toEqual([
          url,
          status,
        ]);
    for (const theirs of [id, nobodys]) {
      const client = theirs === id ? clinic.stranger : clinic.owner;
      const answers = [
        await client.get(`${path}/${theirs}`),
        await client.post(`${path}/${theirs}/replay`),
        await client.post(`${path}/${theirs}/discard`, { reason: 'x' }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    }
    expect((await list('', clinic.stranger)).dead_letters).toEqual([]);
  });
});

describe('deciding on dead letters', () => {
  test('one is put back, asked twice is once, and again when it was put back before', async () => {
    const id = await store();
    await clinic.newAudit();
    for (const _ of ['once', 'twice']) {
      const answer = await clinic.manager.post(`${path}/${id}/replay`);
      expect(answer.status).toBe(202);
      expect(await bodyOf(letter, answer)).toMatchObject({ state: 'replaying', replays: 1 });
    }
    expect((await clinic.newAudit()).map(({ action }) => action)).toEqual(['dead_letter.replay']);
    await clinic.run(`UPDATE dead_letters SET state = 'replayed' WHERE tenant_id = $1 AND id = $2`, [id]);
    expect(await bodyOf(letter, await clinic.owner.post(`${path}/${id}/replay`))).toMatchObject({
      replays: 2,
    });
    expect((await clinic.owner.post(`${path}/${randomUUID()}/replay`)).status).toBe(404);
  });

  test('one whose original is kept no longer is shown without it and not put back', async () => {
    const id = await store({ state: 'replayed' });
    await clinic.run(`UPDATE dead_letters SET sealed = '' WHERE tenant_id = $1 AND id = $2`, [id]);
    const shown = await (await clinic.owner.get(`${path}/${id}`)).json();
    expect(shown).toMatchObject({ state: 'replayed', size_bytes: 0, original: null });
    expect(await problemOf(await clinic.owner.post(`${path}/${id}/replay`))).toMatchObject({
      status: 409,
      code: 'dead_letter_removed',
    });
    const all = await clinic.owner.post(`${path}/replay`, { state: ['replayed'] });
    expect(await all.json()).toEqual({ replaying: 0 });
  });

  test('all that match are put back, and no other', async () => {
    const [first, second, other, given] = [
      await store({ reason: 'invalid_event' }),
      await store({ reason: 'invalid_event' }),
      await store({ reason: 'unknown_vendor' }),
      await store({ reason: 'invalid_event', state: 'discarded' }),
    ];
    await clinic.newAudit();
    const answer = await clinic.owner.post(`${path}/replay`, { reason: 'invalid_event', stage: ['ingest'] });
    expect([answer.status, await answer.json()]).toEqual([202, { replaying: 2 }]);
    expect(await clinic.newAudit()).toEqual([
      {
        action: 'dead_letter.replay',
        text: expect.stringMatching(/rows\W+2\W+filters\W+(reason\W+stage|stage\W+reason)/),
      },
    ]);
    const states = await clinic.run(
      'SELECT id, state FROM dead_letters WHERE tenant_id = $1 AND id = ANY ($2)',
      [[first, second, other, given]],
    );
    expect(new Map(states.map(({ id, state }) => [id, state]))).toEqual(
      new Map([
        [first, 'replaying'],
        [second, 'replaying'],
        [other, 'open'],
        [given, 'discarded'],
      ]),
    );
    const again = await clinic.owner.post(`${path}/replay`, { reason: 'invalid_event' });
    expect(await again.json()).toEqual({ replaying: 0 });
    expect((await clinic.owner.post(`${path}/replay`, { reasons: 'x' })).status).toBe(422);
  });

  test('one is given up with a reason, which stays with it; then it is not put back', async () => {
    const id = await store();
    expect((await clinic.owner.post(`${path}/${id}/discard`, {})).status).toBe(422);
    await clinic.newAudit();
    const why = { reason: 'Asha Rao called by mistake' };
    for (const _ of ['once', 'twice'])
      expect(await bodyOf(letter, await clinic.owner.post(`${path}/${id}/discard`, why))).toMatchObject({
        state: 'discarded',
        discard_reason: why.reason,
      });
    const audit = await clinic.newAudit();
    expect(audit.map(({ action }) => action)).toEqual(['dead_letter.discard']);
    expect(JSON.stringify(audit) + logged.join('')).not.toMatch(/Asha Rao|zzsecretzz/);
    expect(await problemOf(await clinic.owner.post(`${path}/${id}/replay`))).toMatchObject({
      status: 409,
      code: 'dead_letter_discarded',
    });
    const busy = await store({ state: 'replaying' });
    expect(await problemOf(await clinic.owner.post(`${path}/${busy}/discard`, why))).toMatchObject({
      status: 409,
      code: 'dead_letter_replaying',
    });
    const many = { reason: 'test', letters: { reason: 'too_deep' } };
    await store({ reason: 'too_deep' });
    expect(await (await clinic.owner.post(`${path}/discard`, many)).json()).toEqual({
      discarded: expect.any(Number),
    });
    expect(await listed('?reason=too_deep&state=open')).toEqual([]);
  });
});
