import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSchemaCache } from './schema-cache.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-schemas-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('keeps ids and schemas over restarts, and leaves no half files', async () => {
  const first = createSchemaCache(folder, 'http://one');
  await first.writeId('t-value', '{"a":1}', 7);
  await first.writeSchema(7, '{"a":1}');
  const second = createSchemaCache(folder, 'http://one');
  expect(await second.readId('t-value', '{"a":1}')).toBe(7);
  expect(await second.readSchema(7)).toBe('{"a":1}');
  const files = await readdir(folder, { recursive: true });
  expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('does not mix up registries, subjects or versions of a schema', async () => {
  const cache = createSchemaCache(folder, 'http://one');
  await cache.writeId('t-value', '{"a":1}', 7);
  expect(await createSchemaCache(folder, 'http://two').readId('t-value', '{"a":1}')).toBeUndefined();
  expect(await cache.readId('u-value', '{"a":1}')).toBeUndefined();
  expect(await cache.readId('t-value', '{"a":2}')).toBeUndefined();
});
