import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { createSealer } from '@switchboard/platform';
import type { DeadLetter } from '@switchboard/schemas';
import { expect, it } from 'vitest';
import { findPeople } from './find-people.ts';

const key = Buffer.alloc(32, 6);
const sealer = createSealer(key);
const codec = {
  decode: async () => {
    throw new Error('nothing here is Avro');
  },
};

const found = (
  body: string,
  contentType = 'application/json',
  tenant: string | null = 't1',
  sealedBy = sealer,
) => {
  const letter: DeadLetter = {
    dead_letter_id: 'd1',
    tenant_id: tenant,
    stage: 'ingest',
    reason: 'invalid_body',
    detail: null,
    source: 'zoice',
    topic: null,
    event_id: null,
    call_id: null,
    message_key: null,
    schema_id: null,
    content_type: contentType,
    sealed: sealedBy.seal(Buffer.from(body)),
    attempts: 1,
    first_at: 1,
    last_at: 1,
    replay_id: null,
  };
  return findPeople({ codec, sealer, pseudonymKey: key }, letter, 'IN');
};
const asha = pseudonymOf(key, 't1', '+919812345678');
const ravi = pseudonymOf(key, 't1', '+919812345679');

it('finds the phones of a body, however deep and however written, each once', async () => {
  const body = {
    call: { from: '+91 98123 45678', to: null, id: '9812345670' },
    patients: [{ phones: ['098123 45679', '9812345678'] }],
  };
  expect([...(await found(JSON.stringify(body)))].sort()).toEqual([asha, ravi].sort());
});

it('finds those of a form', async () => {
  const form = new URLSearchParams({ From: 'whatsapp:+919812345678', MessageSid: 'SM9812345679' });
  expect(await found(String(form), 'application/x-www-form-urlencoded; charset=utf-8')).toEqual([asha]);
});

it('finds the phone in a body of more members than can be arguments of one call', async () => {
  const members = Object.fromEntries(Array.from({ length: 150_000 }, (_, at) => [`m${at}`, 0]));
  expect(await found(JSON.stringify({ ...members, from: '+919812345678' }))).toEqual([asha]);
});

it('finds a phone that is written as a number, and the one of an identifier', async () => {
  expect(await found('{"call":{"from":919812345678,"id":919812345679}}')).toEqual([asha]);
  const identifiers = [
    { system: 'phone', value: '98123 45678' },
    { system: 'mrn', value: '98123 45679' },
  ];
  expect(await found(JSON.stringify({ identifiers }))).toEqual([asha]);
});

/** JSON as text within JSON, so many times. */
const within = (texts: number) => {
  let body: unknown = { from: '98123 45678' };
  for (let text = 0; text < texts; text += 1) body = { more: JSON.stringify(body) };
  return JSON.stringify(body);
};

it('finds the phones of JSON that is kept as text, and says of too much of it that it was not searched', async () => {
  const metadata = JSON.stringify({ crm: { mobile: 9812345679 } });
  expect(await found(JSON.stringify({ metadata, extra: '[null, {"phone": "98123 45678"}]' }))).toEqual([
    asha,
    ravi,
  ]);
  expect(await found(JSON.stringify({ note: '{"from": "+9198', said: '[inaudible]' }))).toEqual([]);
  expect(await found(within(3))).toEqual([asha]);
  await expect(found(within(4))).rejects.toMatchObject({ code: 'too_large' });
  expect(await found(JSON.stringify(Array(20_000).fill('{"a":1}')))).toEqual([]);
  await expect(found(JSON.stringify(Array(20_001).fill('{"a":1}')))).rejects.toMatchObject({
    code: 'too_large',
  });
});

it('says of what cannot be read that nobody can tell whose it is, and finds nobody where there is no clinic', async () => {
  expect(await found('{"from": "+9198')).toBe('unsearchable');
  expect(await found('\u0000\u0001', 'application/vnd.confluent.avro')).toBe('unsearchable');
  expect(await found('{"from":"+919812345678"}', 'application/json', null)).toEqual([]);
});

it('says of what no key opens that it was not searched', async () => {
  const lost = createSealer(Buffer.alloc(32, 5));
  await expect(found('{}', 'application/json', 't1', lost)).rejects.toMatchObject({ code: 'seal_broken' });
});

it('says of one with more people than are searched for that it was not searched: it is no letter of the first alone', async () => {
  const phones = (count: number) =>
    JSON.stringify(Array.from({ length: count }, (_, at) => `+9198${10_000_000 + at}`));
  expect(await found(phones(2_000))).toHaveLength(2_000);
  await expect(found(phones(2_001))).rejects.toMatchObject({ code: 'too_large', retryable: false });
});

it('says the same of one with more texts that may be numbers than are tried, and tries each once', async () => {
  const none = Array.from({ length: 20_000 }, (_, at) => `+1000${100_000 + at}`);
  expect(await found(JSON.stringify(none))).toEqual([]);
  await expect(found(JSON.stringify([...none, '+1']))).rejects.toMatchObject({ code: 'too_large' });
  expect(await found(JSON.stringify(Array(300_000).fill('+919812345678')))).toEqual([asha]);
});
