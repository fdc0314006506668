import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realtimeCatalogue } from '@switchboard/domain/metrics/realtime';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { checkMetrics } from './check-metrics.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
});
afterAll(() => database.drop());

it('what is counted among the records names tables and columns that Postgres has', async () => {
  const named = checkMetrics()
    .flatMap(({ columns }) => columns)
    .filter((column) => column.includes('.'));
  expect(named.length).toBeGreaterThan(40);
  const { rows } = await database.admin.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'public'`,
  );
  const there = new Set(rows.map(({ name }) => name));
  expect(named.filter((column) => !there.has(column))).toEqual([]);
});

it('what is read of exported series names series that a service exports', () => {
  const sources = ['services', 'packages/kafka'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(^|\/)src\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'))
      .filter((file) => !file.includes('node_modules'))
      .map((file) => readFileSync(join(root, folder, file), 'utf8')),
  );
  const isExported = (name: string) => {
    const ofKafka = `name('${name.replace('switchboard_kafka_', '')}')`;
    return sources.some((text) => text.includes(`'${name}'`) || text.includes(ofKafka));
  };
  const exported = realtimeCatalogue.flatMap(({ calculation }) =>
    calculation.kind === 'exported' ? [calculation] : [],
  );
  expect(exported.map(({ name }) => name).filter((name) => !isExported(name))).toEqual([]);
  const labels = exported.flatMap((one) => Object.entries(one.labels ?? {}));
  const isSet = ([label, value]: [string, string]) =>
    sources.some((text) => text.includes(`${label}: '${value}'`));
  expect(labels.filter((label) => !isSet(label))).toEqual([]);
  expect(isExported('switchboard_nothing_total')).toBe(false);
});
