import { loadSchema } from '@switchboard/schemas';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { avroType, createReader, encodeAvro } from './avro.ts';

const letter = {
  dead_letter_id: 'd',
  tenant_id: null,
  stage: 'ingest',
  reason: 'not_json',
  detail: null,
  source: 'zoice',
  topic: null,
  event_id: null,
  call_id: null,
  message_key: null,
  schema_id: null,
  content_type: 'text/plain',
  sealed: Buffer.from('sealed'),
  attempts: 1,
  first_at: 1,
  last_at: 2,
  replay_id: null,
};
const type = avroType('dead-letter.v1');

describe('encodeAvro', () => {
  it('gives what is read back the same', () => {
    expect(type.fromBuffer(encodeAvro(type, letter))).toEqual(letter);
  });

  it('names the wrong fields and never their values (any log: codec errors carry what they choked on)', () => {
    const wrong = { ...letter, source: { phone: '+919812345678' }, attempts: 'Asha Rao' };
    const encoding = () => encodeAvro(type, wrong);
    expect(encoding).toThrow(expect.objectContaining({ code: 'invalid_event', retryable: false }));
    expect(encoding).toThrow(/source, attempts$/);
  });

  it('keeps names that are not ASCII, and large events', () => {
    const large = { ...letter, detail: 'आशा'.repeat(500_000) };
    expect(type.fromBuffer(encodeAvro(type, large)).detail).toBe(large.detail);
  });
});

describe('createReader', () => {
  const schema = loadSchema('dead-letter.v1');

  it('reads what an older schema wrote, with defaults for what it lacked', () => {
    const old = { ...schema, fields: schema.fields.filter(({ name }) => name !== 'detail') };
    const written = avro.Type.forSchema(JSON.parse(JSON.stringify(old))).toBuffer(letter);
    expect(createReader(type, JSON.parse(JSON.stringify(old)))(written)).toEqual(letter);
  });

  it('refuses a schema that ours cannot read', () => {
    const other = { ...schema, fields: schema.fields.filter(({ name }) => name !== 'reason') };
    const making = () => createReader(type, JSON.parse(JSON.stringify(other)));
    expect(making).toThrow(expect.objectContaining({ code: 'schema_mismatch', retryable: false }));
  });

  it('refuses the schema of another topic', () => {
    const other = JSON.parse(JSON.stringify(loadSchema('voice-call.received.v1')));
    expect(() => createReader(type, other)).toThrow(expect.objectContaining({ code: 'schema_mismatch' }));
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 10)],
    ['too long', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('more')])],
    ['text', () => Buffer.from('Asha Rao, +919812345678')],
  ])('refuses bytes that are %s, without repeating them', (_, spoil) => {
    const read = createReader(type, JSON.parse(JSON.stringify(schema)));
    const reading = () => read(spoil(encodeAvro(type, letter)));
    expect(reading).toThrow(expect.objectContaining({ code: 'bad_payload', retryable: false }));
    expect(reading).toThrow(/^the bytes are not what their schema says$/);
  });
});
