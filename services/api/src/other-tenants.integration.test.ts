import { seedTwoClinics } from '@switchboard/postgres/testing/two-clinics';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ApiStack, startApiStack } from './testing/api-stack.ts';

const scopes = [
  'analytics:read',
  'calls:read',
  'records:read',
  'records:write',
  'operations:read',
  'operations:write',
  'admin',
];
const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Method = (typeof methods)[number];
/** An event stream does not end; its tests stand beside it. */
const endless = ['/api/v1/analytics/realtime'];

let stack: ApiStack;
let headers: Record<string, string>;
/** Every id in another clinic's rows. */
let theirIds: string[];
/** Every operation that the API describes. */
let operations: { method: Method; path: string }[];

beforeAll(async () => {
  stack = await startApiStack(inject('engines'), {
    env: { API_TENANT_LIMIT_PER_MINUTE: '1000000', API_ADDRESS_LIMIT_PER_MINUTE: '1000000' },
  });
  const { ours, theirs } = await seedTwoClinics(stack.database);
  headers = { 'x-api-key': await stack.addKey(ours, scopes) };
  theirIds = await idsOf(theirs);
  const { body } = await stack.app.inject('/openapi.json');
  const described: { paths: Record<string, object> } = JSON.parse(body);
  operations = Object.entries(described.paths).flatMap(([path, item]) =>
    methods.filter((method) => Object.hasOwn(item, method)).map((method) => ({ method, path })),
  );
});
afterAll(() => stack.stop());

/** What stands in any column of type uuid of a tenant's rows, but for the tenant itself. */
async function idsOf(tenant: string): Promise<string[]> {
  const { admin } = stack.database;
  const { rows: columns } = await admin.query<{ table: string; column: string }>(
    `SELECT c.table_name AS table, c.column_name AS column FROM information_schema.columns c
     JOIN information_schema.columns t ON t.table_name = c.table_name AND t.column_name = 'tenant_id' AND t.table_schema = 'public'
     JOIN pg_class r ON r.relname = c.table_name AND r.relkind = 'r' AND r.relnamespace = 'public'::regnamespace
     WHERE c.table_schema = 'public' AND c.data_type = 'uuid' AND c.column_name <> 'tenant_id'`,
  );
  const ids = new Set<string>();
  for (const { table, column } of columns) {
    const { rows } = await admin.query<{ id: string | null }>(
      `SELECT DISTINCT ${column} AS id FROM ${table} WHERE tenant_id = $1`,
      [tenant],
    );
    for (const { id } of rows) if (id !== null) ids.add(id);
  }
  return [...ids];
}

const takesId = ({ path }: { path: string }) => path.includes('{');

describe("another clinic's records", () => {
  it('are named by no operation that takes an id', { timeout: 300_000 }, async () => {
    expect(theirIds.length).toBeGreaterThan(20);
    const named = operations.filter(takesId);
    expect(named.length).toBeGreaterThan(10);
    const answered: string[] = [];
    for (const { method, path } of named) {
      for (const id of theirIds) {
        const url = path.replaceAll(/\{[^}]+\}/g, id);
        const payload = method === 'get' ? undefined : {};
        const { statusCode } = await stack.app.inject({ method, url, headers, payload });
        if (![400, 403, 404, 415, 422].includes(statusCode)) answered.push(`${method} ${url}: ${statusCode}`);
      }
    }
    expect(answered).toEqual([]);
  });

  it('are in no list', async () => {
    const lists = operations.filter(
      (operation) => operation.method === 'get' && !takesId(operation) && !endless.includes(operation.path),
    );
    let listed = 0;
    for (const { path } of lists) {
      const { statusCode, body } = await stack.app.inject({ url: path, headers });
      if (statusCode === 200) listed += 1;
      expect(
        theirIds.filter((id) => body.includes(id)),
        path,
      ).toEqual([]);
    }
    expect(listed).toBeGreaterThan(7);
  });
});
