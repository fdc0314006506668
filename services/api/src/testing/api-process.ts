import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from '@switchboard/embedded';
import type { TestDatabase } from '@switchboard/testkit/database';
import type { Engines } from '@switchboard/testkit/engines';
import { vi } from 'vitest';
import { testKey } from './api-stack.ts';

/**
 * Starts the service as a process of its own, on a database and the ClickHouse database of that name, and waits until it is ready.
 * @param env more settings
 */
export async function startApiProcess(
  { clickhouse }: Engines,
  database: TestDatabase,
  env: Record<string, string>,
): Promise<{ url: string; main: ChildProcess }> {
  const port = await freePort();
  const main = spawn(process.execPath, [fileURLToPath(new URL('../main.ts', import.meta.url))], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: database.urlAs('switchboard_api'),
      CLICKHOUSE_URL: clickhouse.url,
      CLICKHOUSE_USER: clickhouse.user,
      CLICKHOUSE_PASSWORD: clickhouse.password,
      CLICKHOUSE_DATABASE: database.name,
      SECRETS_KEY: testKey,
      PSEUDONYM_KEY: testKey,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await vi.waitFor(
      async () => {
        if ((await fetch(`${url}/readyz`)).status !== 200) throw new Error('the API is not ready');
      },
      { timeout: 60_000 },
    );
  } catch (error) {
    main.kill('SIGKILL');
    throw error;
  }
  return { url, main };
}
