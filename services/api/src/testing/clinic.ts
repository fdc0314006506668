import type { Engines } from '@switchboard/testkit/engines';
import { z } from 'zod';
import { type ApiStack, type ApiStackOptions, password, startApiStack } from './api-stack.ts';
import { createTestClient, logIn, type TestClient } from './client.ts';

/** The API with two clinics, somebody of each role logged in to the first, and the owner of the second. */
export interface ApiClinic extends ApiStack {
  tenantId: string;
  otherTenantId: string;
  owner: TestClient;
  manager: TestClient;
  agent: TestClient;
  analyst: TestClient;
  /** Owner of the other clinic. */
  stranger: TestClient;
  nobody: TestClient;
  /** Runs SQL for the first clinic, whose id is `$1`. */
  run<R extends Record<string, unknown>>(sql: string, values?: unknown[]): Promise<R[]>;
  /** What was written to the first clinic's audit log since the last look. */
  newAudit(): Promise<{ action: string; text: string }[]>;
}

export async function startApiClinic(engines: Engines, options: ApiStackOptions = {}): Promise<ApiClinic> {
  const api = await startApiStack(engines, options);
  const { database, url } = api;
  const [tenantId, otherTenantId] = [await database.addTenant(), await database.addTenant()];
  const enter = async (
    role: 'owner' | 'manager' | 'agent' | 'analyst',
    of = tenantId,
    name: string = role,
  ) => {
    await api.addUser(of, `${name}@clinic.example`, role);
    return logIn(url, `${name}@clinic.example`, password);
  };
  let seen = 0;
  const run = async <R extends Record<string, unknown>>(sql: string, values: unknown[] = []) =>
    (await database.admin.query<R>(sql, [tenantId, ...values])).rows;
  return {
    ...api,
    tenantId,
    otherTenantId,
    owner: await enter('owner'),
    manager: await enter('manager'),
    agent: await enter('agent'),
    analyst: await enter('analyst'),
    stranger: await enter('owner', otherTenantId, 'stranger'),
    nobody: createTestClient(url),
    run,
    async newAudit() {
      const rows = await run<{ id: number; action: string; text: string }>(
        'SELECT id, action, a::text AS text FROM audit_log a WHERE tenant_id = $1 AND id > $2 ORDER BY id',
        [seen],
      );
      seen = rows.at(-1)?.id ?? seen;
      return rows.map(({ action, text }) => ({ action, text }));
    },
  };
}

const problem = z.looseObject({ code: z.string(), request_id: z.string() });

/** A problem's status, code and errors. */
export async function problemOf(response: Response) {
  const { request_id: _, ...body } = problem.parse(await response.json());
  return { ...body, status: response.status, media: response.headers.get('content-type') };
}

/** The answer as its schema has it. */
export async function bodyOf<T extends z.ZodType>(schema: T, response: Response): Promise<z.infer<T>> {
  const text = await response.text();
  if (response.status >= 300) throw new Error(`answered ${response.status}: ${text}`);
  return schema.parse(JSON.parse(text));
}
