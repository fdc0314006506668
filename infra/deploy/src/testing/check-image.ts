import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnv, freePort, startProcess } from '@switchboard/embedded';
import type { Engines } from '@switchboard/testkit';
import { createTestDatabase } from '@switchboard/testkit/database';
import { describeImage } from './docker-image.ts';

/** How preparing ended, and the exit code of each service's health check while it ran and after its end. */
export interface ImageReport {
  prepared: { code: number | null; output: string };
  services: Record<string, { healthy: number | null; afterwards: number | null }>;
}

/** Prepares stores of a test's own from the image, then starts each service from it and asks its health check. */
export async function checkImage(
  image: string,
  engines: Engines,
  services: readonly { name: string; main: string; role: 'ingest' | 'enrich' | 'sink' | 'api' }[],
): Promise<ImageReport> {
  const database = await createTestDatabase(engines.postgresAdmin);
  const cache = join(image, '..', 'cache');
  await mkdir(cache, { recursive: true });
  const env = {
    ...describeImage().environment,
    HOST: '127.0.0.1',
    SCHEMA_CACHE_DIR: cache,
    KAFKA_BROKERS: engines.kafka,
    KAFKA_TOPIC_PREFIX: `image-${randomBytes(4).toString('hex')}.`,
    SCHEMA_REGISTRY_URL: engines.schemaRegistry,
    CLICKHOUSE_URL: engines.clickhouse.url,
    CLICKHOUSE_USER: engines.clickhouse.user,
    CLICKHOUSE_PASSWORD: engines.clickhouse.password,
    CLICKHOUSE_DATABASE: `image_${randomBytes(4).toString('hex')}`,
    SECRETS_KEY: randomBytes(32).toString('base64'),
    PSEUDONYM_KEY: randomBytes(32).toString('base64'),
  };
  try {
    const prepared = await runInImage(image, 'infra/prepare/src/main.ts', {
      ...env,
      DATABASE_URL: database.adminUrl,
    });
    const checked = await Promise.all(
      services.map(async ({ name, main, role }) => {
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        const own = { ...env, PORT: String(port), DATABASE_URL: database.urlAs(`switchboard_${role}`) };
        const service = await startProcess({
          name,
          port,
          url,
          logFile: join(image, '..', `${name}.log`),
          command: process.execPath,
          args: [main],
          cwd: image,
          env: childEnv(own),
          isReady: () =>
            fetch(`${url}/readyz`).then(
              (answer) => answer.ok,
              () => false,
            ),
          readyTimeoutMs: 60_000,
          stopSignal: 'SIGTERM',
          stopTimeoutMs: 35_000,
        });
        const [, check = ''] = describeImage().healthcheck;
        const healthy = (await runInImage(image, check, own)).code;
        await service.stop();
        const afterwards = (await runInImage(image, check, own)).code;
        return [name, { healthy, afterwards }] as const;
      }),
    );
    return { prepared, services: Object.fromEntries(checked) };
  } finally {
    await database.drop();
  }
}

/** Runs a program of the image; answers its exit code and what it printed. */
function runInImage(
  image: string,
  main: string,
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main], { cwd: image, env: childEnv(env) }, (_, out, err) =>
      resolve({ code: child.exitCode, output: out + err }),
    );
  });
}
