import { describe, expect, it } from 'vitest';
import { compile, readReleased, releasedSchemas, unreadableVersions } from './compatibility.ts';
import { type AvroField, type AvroRecord, loadSchema, phiPaths, topicNames } from './load.ts';
import { readExample } from './release.ts';

describe.each(topicNames)('%s', (topic) => {
  it('reads whatever a released version wrote (BACKWARD_TRANSITIVE, without a registry)', () => {
    const released = releasedSchemas(topic);
    expect(released.length).toBeGreaterThan(0);
    expect(unreadableVersions(loadSchema(topic), released)).toEqual([]);
    for (const release of released) expect(() => readReleased(topic, release)).not.toThrow();
  });

  it('has an example that comes back the same', () => {
    const type = compile(loadSchema(topic));
    const example = readExample(topic);
    expect(JSON.parse(JSON.stringify(type.fromBuffer(type.toBuffer(example))))).toEqual(
      JSON.parse(JSON.stringify(example)),
    );
  });
});

describe('the check', () => {
  const schema = loadSchema('dead-letter.v1');
  const older = releasedSchemas('dead-letter.v1');
  const withFields = (fields: AvroField[]): AvroRecord => ({ ...schema, fields });
  const versions = older.map(({ version }) => version);

  it.each<[string, AvroRecord]>([
    ['a field without default is added', withFields([...schema.fields, { name: 'added', type: 'string' }])],
    [
      'a type changes',
      withFields(
        schema.fields.map((field) => ({ ...field, ...(field.name === 'attempts' && { type: 'string' }) })),
      ),
    ],
    ['the record is renamed', { ...schema, name: 'Other' }],
  ])('refuses it when %s', (_, changed) => {
    expect(unreadableVersions(changed, older)).toEqual(versions);
  });

  it.each<[string, AvroRecord]>([
    [
      'a field with default is added',
      withFields([...schema.fields, { name: 'added', type: ['null', 'string'], default: null }]),
    ],
    ['a field goes', withFields(schema.fields.filter(({ name }) => name !== 'detail'))],
  ])('allows it when %s', (_, changed) => {
    expect(unreadableVersions(changed, older)).toEqual([]);
  });
});

it('names what identifies or describes a patient', () => {
  const phi = phiPaths('voice-call.enriched.v1');
  for (const path of [
    'event.transcript.turns[].text',
    'event.call.from_number',
    'contact_name',
    'analysis.entities[].value',
  ]) {
    expect(phi).toContain(path);
  }
  expect(phiPaths('dead-letter.v1')).toEqual(['sealed']);
});
