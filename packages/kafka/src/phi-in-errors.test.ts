import { describeError } from '@switchboard/platform';
import { phiPaths, topicNames } from '@switchboard/schemas';
import { readExample } from '@switchboard/schemas/testing/read-example';
import { describe, expect, it } from 'vitest';
import { avroType, createReader, encodeAvro } from './avro.ts';

const marker = 'PLANTED-7f3c';
const cases = topicNames.flatMap((topic) => phiPaths(topic).map((path) => [topic, path] as const));

describe('what is marked phi, planted where it does not fit, is in no error (any log: codec errors carry the values they choked on)', () => {
  it.each(cases)('%s: %s', (topic, path) => {
    const type = avroType(topic);
    const value = plant(readExample(topic), path.split('.'));
    const writing = catchError(() => encodeAvro(type, value));
    expect(writing).toMatchObject({ code: 'invalid_event' });
    expect(everythingOf(writing)).not.toContain(marker);

    const reader = createReader(type, JSON.parse(JSON.stringify(type.schema())));
    const reading = catchError(() => reader(Buffer.from(JSON.stringify(value))));
    expect(reading).toMatchObject({ code: 'bad_payload' });
    expect(everythingOf(reading)).not.toContain(marker);
  });
});

/** The value with the marker at a path of `phiPaths`. */
function plant(value: unknown, [head, ...rest]: readonly string[]): unknown {
  if (head === undefined) return { [marker]: marker };
  const name = head.replace('[]', '');
  const inner: unknown = Object(value)[name];
  const planted = head.endsWith('[]') ? [plant(Object(inner)[0], rest)] : plant(inner, rest);
  return { ...Object(value), [name]: planted };
}

function catchError(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

function everythingOf(error: unknown): string {
  const { message, stack, cause } = error instanceof Error ? error : new Error('nothing was thrown');
  return [message, stack, String(cause), JSON.stringify(error), JSON.stringify(describeError(error))].join();
}
