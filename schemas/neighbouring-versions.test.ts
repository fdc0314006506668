import { describe, expect, it } from 'vitest';
import { compile } from './compatibility.ts';
import { type AvroRecord, loadSchema, topicNames } from './load.ts';
import { readExample } from './release.ts';

/** The release that runs, the one before it and the one after: during an update all of them write and read. */
const releases = ['N-1', 'N', 'N+1'] as const;
const pairs = topicNames.flatMap((topic) =>
  releases.flatMap((writer) => releases.map((reader) => [topic, writer, reader] as const)),
);

/** What the coming release adds, and the one before this did not have. */
const optional = (name: string) => ({ name, type: ['null', 'string'], default: null });

function schemasOf(schema: AvroRecord): Record<(typeof releases)[number], AvroRecord> {
  const now = { ...schema, fields: [...schema.fields, optional('added_now')] };
  return {
    'N-1': schema,
    N: now,
    'N+1': { ...now, fields: [optional('added_next'), ...now.fields] },
  };
}

const said = { 'N-1': {}, N: { added_now: 'now' }, 'N+1': { added_now: 'now', added_next: 'next' } };
const known = {
  'N-1': {},
  N: { added_now: null },
  'N+1': { added_now: null, added_next: null },
};

describe('during an update', () => {
  it.each(pairs)('%s written by %s is read by %s', (topic, writer, reader) => {
    const schemas = schemasOf(loadSchema(topic));
    const [writes, reads] = [compile(schemas[writer]), compile(schemas[reader])];
    const example = Object(readExample(topic));
    const bytes = writes.toBuffer({ ...example, ...said[writer] });
    const read = reads.fromBuffer(bytes, reads.createResolver(writes));
    const heard = Object.entries(said[writer]).filter(([name]) => name in known[reader]);
    expect(asJson(read)).toEqual(asJson({ ...example, ...known[reader], ...Object.fromEntries(heard) }));
  });
});

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
