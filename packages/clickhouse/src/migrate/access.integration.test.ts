import { readFileSync } from 'node:fs';
import { canaryTenantId } from '@switchboard/domain/canary';
import { analystGrants } from '@switchboard/embedded';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ClickHouse, createClickHouse } from '../client.ts';
import { factTables } from '../facts/index.ts';
import { viewNames } from './epochs.ts';

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

/** The patterns that a user may select from, as they are granted: `switchboard.fact_*`. */
function grantsOf(user: string): RegExp[] {
  return formatted.flatMap((sql) => {
    const [, pattern] = new RegExp(`^GRANT SELECT ON switchboard\\.(\\S+) TO ${user}$`).exec(sql) ?? [];
    return pattern === undefined ? [] : [new RegExp(`^${pattern.replace('*', '.*')}$`)];
  });
}

describe('infra/clickhouse/access.sql', () => {
  it('lets the data team read the facts and sums of every kind, and the API its own views alone', () => {
    const mayRead = (user: string) =>
      viewNames.filter((name) => grantsOf(user).some((pattern) => pattern.test(name)));
    const ofApi = viewNames.filter((name) => name.startsWith('api_'));
    expect(mayRead('switchboard_api')).toEqual(ofApi);
    expect(mayRead('analyst')).toEqual(viewNames.filter((name) => !ofApi.includes(name)));
    for (const what of ['appointment', 'journey', 'communication', 'voice_call'])
      for (const span of ['daily', 'hourly'])
        expect(mayRead('analyst')).toContain(`analytics_${what}_${span}`);
    // Views are INVOKER: the tables that they read must be granted too.
    const tables = factTables.flatMap(({ name, rollup }) => [
      `${name}_e7`,
      `${rollup}_daily_e7`,
      `${rollup}_hourly_e7`,
    ]);
    for (const table of tables) expect(grantsOf('analyst').some((pattern) => pattern.test(table))).toBe(true);
    expect(grantsOf('analyst').some((pattern) => pattern.test('switchboard_epochs'))).toBe(false);
    const embedded = analystGrants.filter((grant) => grant.startsWith('SELECT'));
    for (const grant of embedded) expect(formatted).toContain(`GRANT ${grant} TO analyst`);
    expect(embedded).toHaveLength(grantsOf('analyst').length);
  });

  it('shows no row of any table to whom no policy names, every user that it makes is named, and the analyst sees no canary', () => {
    const policies = formatted.flatMap((sql) => {
      const parts = /^CREATE ROW POLICY .* ON (\S+) .*USING (.+) TO (.+)$/.exec(sql);
      return parts ? [{ on: parts[1], using: parts[2], to: parts[3] }] : [];
    });
    const users = formatted.flatMap((sql) => /^CREATE USER IF NOT EXISTS (\S+)/.exec(sql)?.[1] ?? []);
    const everything = 'switchboard.*';
    expect(users).toEqual(['switchboard', 'switchboard_api', 'analyst']);
    expect(policies).toEqual([
      { on: everything, using: '0', to: 'ALL' },
      { on: everything, using: '1', to: 'switchboard' },
      { on: everything, using: '1', to: 'switchboard_api' },
      { on: everything, using: `tenant_id != '${canaryTenantId}'`, to: 'analyst' },
    ]);
  });

  it('leaves alone whom an administrator has bound by a policy or a quota, and renews what the policy says', () => {
    const making = formatted.filter((sql) => /^CREATE (?:ROW POLICY|QUOTA|USER|SETTINGS PROFILE)/.test(sql));
    expect(making.length).toBeGreaterThan(6);
    for (const sql of making) expect(sql).toContain(' IF NOT EXISTS ');
    expect(formatted.filter((sql) => sql.startsWith('ALTER'))).toEqual([
      `ALTER ROW POLICY all_clinics ON switchboard.* FOR SELECT USING tenant_id != '${canaryTenantId}'`,
    ]);
  });
});
