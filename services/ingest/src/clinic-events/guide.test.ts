import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRecordReader } from '../records/read-record.ts';
import { createReadCloudEvent } from './read-cloud-event.ts';

const guide = readFileSync(new URL('../../../../docs/clinic-events.md', import.meta.url), 'utf8');
const examples = [...guide.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => JSON.parse(text ?? ''));
const records = createRecordReader();
const read = createReadCloudEvent(records);
const receivedAt = Date.parse('2026-11-27T00:00:00Z');

describe('the guide for the clinic’s developer', () => {
  it('shows every type there is', () => {
    expect([...new Set(examples.map(({ type }) => type))].sort()).toEqual([...records.types].sort());
  });

  it.each(examples.map((example) => [example.type, example]))(
    'its example of %s is valid, and known to the last field',
    (_type, example) => {
      const result = read(example, receivedAt);
      expect(result.ok ? [] : result.errors).toEqual([]);
      expect(result.ok && result.event).toMatchObject({
        id: example.id,
        subject: example.subject,
        time: Date.parse(example.time),
        content: { extra: null },
      });
    },
  );

  it('names every field of every type', () => {
    const named = new Set([...guide.matchAll(/`(\w+)`|"(\w+)":/g)].map(([, code, key]) => code ?? key));
    const said = examples.flatMap((example) => {
      const result = read(example, receivedAt);
      return result.ok
        ? Object.values(result.event.content).flatMap((part) =>
            typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.keys(part) : [],
          )
        : [];
    });
    expect([...new Set(said)].filter((field) => !named.has(field))).toEqual([]);
  });
});
