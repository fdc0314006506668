import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ClickHouse, createClickHouse } from '../client.ts';

/** The embedded engine has no storage for users and policies: it can read this file, and not run it. */
const statements = readFileSync(new URL('../../../../infra/clickhouse/access.sql', import.meta.url), 'utf8')
  .replace(/^--.*\n/gm, '')
  .split(/;\s*\n/)
  .filter((statement) => statement.trim());

let client: ClickHouse;
let formatted: string[];
beforeAll(async () => {
  const { url, user, password } = inject('engines').clickhouse;
  client = createClickHouse({ url, user, password, database: 'default' });
  formatted = await Promise.all(
    statements.map(async (statement) => {
      const [row] = await client.query<{ sql: string }>(
        'SELECT formatQuerySingleLine({statement:String}) AS sql',
        { statement },
      );
      return row?.sql ?? '';
    }),
  );
});
afterAll(() => client.close());

describe('infra/clickhouse/access.sql', () => {
  it('shows no row of any table to whom no policy names, and every user that it makes is named', () => {
    const policies = formatted.flatMap((sql) => {
      const parts = /^CREATE ROW POLICY .* ON (\S+) .*USING (.+) TO (.+)$/.exec(sql);
      return parts ? [{ on: parts[1], using: parts[2], to: parts[3] }] : [];
    });
    const users = formatted.flatMap((sql) => /^CREATE USER IF NOT EXISTS (\S+)/.exec(sql)?.[1] ?? []);
    const everything = 'switchboard.*';
    expect(users).toEqual(['switchboard', 'switchboard_api', 'analyst']);
    expect(policies).toEqual([
      { on: everything, using: '0', to: 'ALL' },
      ...users.map((to) => ({ on: everything, using: '1', to })),
    ]);
  });
});
