import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type SearchAnswer, searchAnswer } from '../search/search-schema.ts';
import { createTestClient } from '../testing/client.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';
import { planted, type StoredCall, storeCall } from '../testing/store-call.ts';

let clinic: ApiClinic;
let call: StoredCall;
let message: string;
let unread: string;

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'));
  call = await storeCall(clinic.database, clinic.tenantId, '2026-11-20T09:00:00+05:30');
  await storeCall(clinic.database, clinic.otherTenantId, '2026-11-20T09:00:00+05:30');
  const conversation = randomUUID();
  await clinic.run(
    `INSERT INTO conversations (tenant_id, id, channel, contact_name) VALUES ($1, $2, 'whatsapp', 'Gajanan Kulkarni')`,
    [conversation],
  );
  const write = async (body: string, isAnalysed: boolean) => {
    const id = randomUUID();
    await clinic.run(
      `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, body, sent_at, source, redactions, extractor_version)
       VALUES ($1, $2, $3, 'inbound', 'patient', $4, '2026-11-20T10:00:00Z', 'twilio', $5, $6)`,
      [
        id,
        conversation,
        body,
        JSON.stringify(isAnalysed ? [{ start: 0, end: 7, kind: 'place' }] : []),
        isAnalysed ? '1' : null,
      ],
    );
    return id;
  };
  message = await write('Saswad! My <b>shoulder</b> hurts, says Gajanan, reach me at 98220 11223', true);
  unread = await write('The shoulder of Vasundhara', false);
  await clinic.run(
    `INSERT INTO appointments (tenant_id, id, status, starts_at, ends_at, channel, confirmation_code, patient_id, reason)
     VALUES ($1, gen_random_uuid(), 'scheduled', '2026-12-01T04:00:00Z', '2026-12-01T04:20:00Z', 'voice', 'KX7P', $2, 'knee')`,
    [call.patientId],
  );
});
afterAll(() => clinic?.stop());

const search = async (q: string, client = clinic.agent) =>
  bodyOf(searchAnswer, await client.post('/api/v1/search', { q }));
const textOf = (snippet: SearchAnswer['calls']['hits'][number]['snippet']) =>
  snippet.map(({ text }) => text).join('');
const matchesOf = (snippet: SearchAnswer['calls']['hits'][number]['snippet']) =>
  snippet.filter(({ match }) => match).map(({ text }) => text);

describe('one search', () => {
  test('finds what was said, with the words marked in the turn', async () => {
    const { calls, patients, appointments } = await search('knee');
    expect(calls.hits).toMatchObject([{ call_id: call.id, turn: 1, speaker: 'caller' }]);
    expect(calls.hits.map(({ snippet }) => [textOf(snippet), matchesOf(snippet)])).toEqual([
      [`This is ${planted.firstName} ${planted.lastName}, I want to see Dr. Mehta about my knee.`, ['knee']],
    ]);
    expect(patients?.hits).toEqual([]);
    expect(appointments.hits).toEqual([]);
    // As it was asked by address, too.
    expect((await bodyOf(searchAnswer, await clinic.agent.get('/api/v1/search?q=knee'))).calls).toEqual(
      calls,
    );
  });

  test('finds what was written, without its markup', async () => {
    const { messages } = await search('shoulder');
    expect(new Set(messages.hits.map(({ message_id }) => message_id))).toEqual(new Set([message, unread]));
    const hit = messages.hits.find(({ message_id }) => message_id === message);
    expect([textOf(hit?.snippet ?? []), matchesOf(hit?.snippet ?? [])]).toEqual([
      expect.stringMatching(/My\s+shoulder\s+hurts, says Gajanan/),
      ['shoulder'],
    ]);
  });

  test('finds patients by name, phone and birth date, and appointments by their code', async () => {
    await clinic.run(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
      [call.patientId, planted.phone],
    );
    for (const q of ['rohini', planted.spokenPhone, planted.dateOfBirth])
      expect([q, (await search(q)).patients?.hits.map(({ id }) => id)]).toEqual([q, [call.patientId]]);
    expect((await search('kx7p')).appointments.hits).toMatchObject([
      { confirmation_code: 'KX7P', patient: { last_name: planted.lastName }, reason: 'knee' },
    ]);
  });

  test('shows an analyst what may be read, and finds nothing by a name', async () => {
    const found = await search('knee', clinic.analyst);
    expect(found.patients).toBeNull();
    expect(found.calls.hits.map(({ snippet }) => [textOf(snippet), matchesOf(snippet)])).toEqual([
      ['This is [name], I want to see Dr. Mehta about my knee.', ['knee']],
    ]);
    const written = await search('shoulder', clinic.analyst);
    // One that was not analysed yet is not shown.
    expect(written.messages.hits.map(({ message_id }) => message_id)).toEqual([message]);
    const shown = textOf(written.messages.hits[0]?.snippet ?? []);
    expect(shown).toContain('shoulder');
    for (const secret of ['Saswad', 'Gajanan', '98220']) expect(shown).not.toContain(secret);
    for (const q of [
      'Gajanan',
      'Vasundhara',
      'Saswad',
      planted.firstName,
      planted.lastName,
      '98220',
      planted.dateOfBirth,
    ]) {
      const { calls, messages } = await search(q, clinic.analyst);
      expect([q, calls.hits, messages.hits]).toEqual([q, [], []]);
    }
    const { appointments } = await search('KX7P', clinic.analyst);
    expect(appointments.hits).toEqual([]);
  });

  test('tells an analyst nothing of a hidden word by "or", "not" and the words of what stands in its place', async () => {
    for (const [q, guess] of [
      ['98220 OR number', '12345 OR number'],
      ['gajanan OR name', 'nobody OR name'],
      ['vasundhara OR redacted', 'nobody OR redacted'],
      ['shoulder -gajanan', 'shoulder -nobody'],
    ] as const) {
      const [right, wrong] = [await search(q, clinic.analyst), await search(guess, clinic.analyst)];
      expect([q, right.calls.hits, right.messages.hits]).toEqual([q, wrong.calls.hits, wrong.messages.hits]);
    }
  });

  test('stays in the clinic, leaves a trace without what was looked for, and takes any text', async () => {
    expect(await search('shoulder', clinic.stranger)).toMatchObject({ messages: { hits: [] } });
    expect((await search('KX7P', clinic.stranger)).appointments.hits).toEqual([]);
    await clinic.newAudit();
    await search(planted.lastName);
    const [written] = await clinic.newAudit();
    expect(written?.action).toBe('search');
    expect(written?.text).not.toContain(planted.lastName);
    for (const q of ['"', ':* & | ! (', '%', "'; --", 'a'.repeat(200), '\uE000x\uE001'])
      expect([q, (await clinic.agent.post('/api/v1/search', { q })).status]).toEqual([q, 200]);
    for (const body of [{}, { q: '' }, { q: 'a\0b' }, { q: 'x', limit: 5 }])
      expect(await problemOf(await clinic.agent.post('/api/v1/search', body))).toMatchObject({ status: 422 });
  });

  test('needs the right, and our own page', async () => {
    const key = async (scope: string) =>
      createTestClient(clinic.url, { 'x-api-key': await clinic.addKey(clinic.tenantId, [scope]) });
    const body = { q: 'knee' };
    expect((await (await key('appointments:read')).post('/api/v1/search', body)).status).toBe(403);
    expect((await (await key('records:read')).post('/api/v1/search', body)).status).toBe(200);
    expect((await (await key('calls:read')).post('/api/v1/search', body)).status).toBe(403);
    expect((await clinic.nobody.post('/api/v1/search', body)).status).toBe(401);
    const evil = { origin: 'https://evil.example' };
    expect((await clinic.agent.post('/api/v1/search', body, evil)).status).toBe(403);
  });
});
