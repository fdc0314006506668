import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv, freePort, type ManagedProcess, startProcess } from '@switchboard/embedded';
import { type Client, createPool, inTransaction } from '@switchboard/postgres';
import { demoClinic, demoTenantId, seedClinic, startSwitchboard } from '@switchboard/start';
import { loadSecrets } from '@switchboard/start/secrets';
import { readSettings } from '@switchboard/start/settings';
import { postWebhook } from '@switchboard/testkit/simulate/post-webhook';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { password, type SecureStack, startSecureStack } from './start-secure-stack.ts';

let stack: SecureStack;
beforeAll(async () => {
  stack = await startSecureStack(inject('engines'));
});
afterAll(() => stack?.stop());

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Ended {
  code: number;
  output: string;
}

/** Runs a program of ours with these settings alone, as a container would. */
function run(main: string, env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(root, main)],
      { cwd: stack.dir, env: childEnv(env) },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

const rolePasswords = () =>
  Object.fromEntries(
    ['MIGRATE', 'INGEST', 'ENRICH', 'SINK', 'API'].map((role) => [`POSTGRES_${role}_PASSWORD`, password]),
  );

const prepareEnv = (more: Record<string, string> = {}) => ({
  ...stack.env,
  ...rolePasswords(),
  DATABASE_URL: stack.databaseUrl('postgres', password),
  PREPARE_TIMEOUT_MS: '20000',
  ...more,
});
const prepare = (more?: Record<string, string>) => run('infra/prepare/src/main.ts', prepareEnv(more));

describe('over TLS and with logins', () => {
  it('stores are prepared, and prepared again', async () => {
    for (const time of ['first', 'second']) {
      const { code, output } = await prepare();
      expect(output.split('\n').filter(Boolean).sort(), time).toEqual([
        'ClickHouse: ready',
        'Kafka: ready',
        'Postgres: ready',
        'schema registry: ready',
      ]);
      expect(code).toBe(0);
    }
  });

  it('by PLAIN too, and as the role that owns the tables when a superuser was here before', async () => {
    const without = Object.fromEntries(Object.keys(rolePasswords()).map((name) => [name, '']));
    const { code, output } = await prepare({
      ...without,
      KAFKA_SASL_MECHANISM: 'plain',
      DATABASE_URL: stack.databaseUrl('switchboard_migrate', password),
    });
    expect(output).toContain('Kafka: ready');
    expect(code).toBe(0);
  });

  it('six services, each started alone, take a call from the webhook to records and numbers', async () => {
    const secrets = await loadSecrets(stack.dir);
    await seedClinic(stack.databaseUrl('postgres', password), demoClinic, secrets);
    const ports = { ingest: await freePort(), api: await freePort(), jobs: await freePort() };
    const env = {
      SECRETS_KEY: secrets.secretsKey,
      PSEUDONYM_KEY: secrets.pseudonymKey,
      DEFAULT_TENANT_ID: demoTenantId,
      ZOICE_WEBHOOK_SECRET: secrets.webhookSecret,
    };
    const services = await Promise.all([
      startService('ingest', 'ingest/src/main.ts', 'switchboard_ingest', { ...env, PORT: `${ports.ingest}` }),
      startService('enrich', 'enrich/src/main.ts', 'switchboard_enrich', env),
      startService('sink-postgres', 'sink/src/postgres/main.ts', 'switchboard_sink', env),
      startService('sink-clickhouse', 'sink/src/clickhouse/main.ts', 'switchboard_sink', env),
      startService('jobs', 'jobs/src/main.ts', 'switchboard_sink', { ...env, PORT: `${ports.jobs}` }),
      startService('api', 'api/src/main.ts', 'switchboard_api', {
        ...env,
        PORT: `${ports.api}`,
        // It may read the views that ask for a tenant, and nothing else.
        CLICKHOUSE_USER: 'switchboard_api',
      }),
    ]);
    try {
      const url = `http://127.0.0.1:${ports.ingest}/api/v1/voice/webhook`;
      const posted = await postWebhook({ url, secret: secrets.webhookSecret }, callBody());
      expect(posted).toMatchObject({ accepted: true });
      const ask = async (path: string): Promise<unknown> => {
        const answer = await fetch(`http://127.0.0.1:${ports.api}/api/v1/${path}`, {
          headers: { authorization: `Bearer ${secrets.apiKey}` },
        });
        return answer.json();
      };
      await vi.waitFor(
        async () => {
          expect(await ask('calls?limit=1')).toMatchObject({ calls: [{ duration_seconds: 42 }] });
          expect(await ask('analytics/voice-calls?time_period=last_7_days')).toMatchObject({
            summary: { calls_total: { value: 1 } },
          });
          // Who reads from Kafka, and has read all of it, jobs has from the broker.
          const told = await fetch(`http://127.0.0.1:${ports.jobs}/metrics`);
          expect(await told.text()).toMatch(/^kafka_consumergroup_lag\{.*voice-call\.enriched\.v1.*\} 0$/m);
        },
        { timeout: 40_000, interval: 200 },
      );
    } finally {
      await Promise.all(services.map((service) => service.stop()));
    }
  });
});

it('a transaction that nobody waits for is ended over TLS, too, and its connection is kept', async () => {
  const pool = createPool({ url: stack.databaseUrl('postgres', password), applicationName: 'test', max: 1 });
  try {
    const pid = async () => (await pool.query('SELECT pg_backend_pid() AS pid')).rows;
    const before = await pid();
    const sleep = (client: Client) => client.query('SELECT pg_sleep(9)');
    await expect(inTransaction(pool, sleep, AbortSignal.timeout(500))).rejects.toThrow(
      'aborted due to timeout',
    );
    expect(await pid()).toEqual(before);
  } finally {
    await pool.end();
  }
});

it('npm start uses them by their URLs, with brokers, logins and authorities as they are written', async () => {
  const relativePath = relative('.', stack.certificates.authority);
  const { given, inherited } = readSettings({
    ...childEnv(stack.env),
    KAFKA_BROKERS: ` ${stack.env.KAFKA_BROKERS} , `,
    KAFKA_TOPIC_PREFIX: 'started.',
    KAFKA_SSL_CA: relativePath,
    CLICKHOUSE_CA: relativePath,
    CLICKHOUSE_DATABASE: 'started',
    DATABASE_URL: stack.databaseUrl('postgres', password, `sslmode=verify-full&sslrootcert=${relativePath}`),
  });
  // The registry, behind a certificate too, is known to the services by NODE_EXTRA_CA_CERTS; this process has none.
  const schemaRegistry = inject('engines').schemaRegistry;
  const switchboard = await startSwitchboard({
    dir: join(stack.dir, 'start'),
    given: { ...given, schemaRegistry },
    givenSecrets: await loadSecrets(stack.dir),
    inherited,
  });
  try {
    const { demo } = switchboard;
    expect(demo.kafka).toBe(stack.env.KAFKA_BROKERS);
    const url = `${demo.ingest}/api/v1/voice/webhook`;
    expect(await postWebhook({ url, secret: demo.webhook_secret }, callBody())).toMatchObject({
      accepted: true,
    });
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${demo.api}/api/v1/analytics/voice-calls?time_period=last_7_days`, {
          headers: { authorization: `Bearer ${demo.api_key}` },
        });
        expect(await answer.json()).toMatchObject({
          summary: { calls_total: { value: expect.toSatisfy((calls: number) => calls > 0) } },
        });
      },
      { timeout: 30_000, interval: 200 },
    );
  } finally {
    await switchboard.stop();
  }
});

describe.concurrent('wrong settings are named, and no secret is', () => {
  it.each([
    ['Kafka: wrong password', () => ({ KAFKA_SASL_PASSWORD: 'wrong-secret' }), 'KAFKA_SASL_PASSWORD'],
    ['Kafka: another authority', () => ({ KAFKA_SSL_CA: stack.certificates.stranger }), 'KAFKA_SSL_CA'],
    ['Kafka: TLS to a listener without', () => ({ KAFKA_BROKERS: stack.plainBroker }), 'check KAFKA_SSL'],
    ['Kafka: no TLS to a listener with', () => ({ KAFKA_SSL: 'false' }), 'check KAFKA_SSL'],
    [
      'Postgres: wrong password',
      () => ({ DATABASE_URL: stack.databaseUrl('postgres', 'wrong-secret') }),
      'check user and password in DATABASE_URL',
    ],
    [
      'Postgres: another authority',
      () => ({
        DATABASE_URL: stack.databaseUrl(
          'postgres',
          password,
          `sslmode=verify-full&sslrootcert=${stack.certificates.stranger}`,
        ),
      }),
      'check sslrootcert in DATABASE_URL',
    ],
    [
      'Postgres: a file that is no certificate',
      () => ({ DATABASE_URL: stack.databaseUrl('postgres', password, 'sslrootcert=/nowhere.pem') }),
      'DATABASE_URL: sslrootcert must be the path of a file',
    ],
    [
      'ClickHouse: wrong password',
      () => ({ CLICKHOUSE_PASSWORD: 'wrong-secret' }),
      'check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD',
    ],
    [
      'ClickHouse: another authority',
      () => ({ CLICKHOUSE_CA: stack.certificates.stranger }),
      'check CLICKHOUSE_CA',
    ],
    [
      'ClickHouse: a certificate for another host',
      () => ({ CLICKHOUSE_URL: stack.elsewhereUrl }),
      'check the host in CLICKHOUSE_URL',
    ],
    [
      'ClickHouse: a file that is no certificate',
      () => ({ CLICKHOUSE_CA: '/nowhere.pem' }),
      'CLICKHOUSE_CA: must be the path of a file',
    ],
  ])('%s', async (_, wrong, named) => {
    const { code, output } = await prepare({ PREPARE_TIMEOUT_MS: '0', ...wrong() });
    const complaints = output.split('\n').filter((line) => line !== '' && !line.endsWith(': ready'));
    expect(complaints.join('\n')).toContain(named);
    expect(output).not.toMatch(/wrong-secret|hunter2/);
    expect(output).not.toContain('    at ');
    expect(code).toBeGreaterThan(0);
  });
});

const login = 'check user and password in DATABASE_URL';
const brokerLogin = 'check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD';

it.each([
  ['sink-postgres', 'sink/src/postgres/main.ts', brokerLogin],
  ['sink-clickhouse', 'sink/src/clickhouse/main.ts', login],
])(
  '%s, let in nowhere, lives on and names the setting in its log and at /readyz',
  async (name, main, logged) => {
    const service = await startService(
      `shut-out-${name}`,
      main,
      'switchboard_sink',
      {
        SECRETS_KEY: randomBytes(32).toString('base64'),
        PSEUDONYM_KEY: randomBytes(32).toString('base64'),
        KAFKA_SASL_PASSWORD: 'wrong-secret',
        DATABASE_URL: stack.databaseUrl('switchboard_sink', 'wrong-secret'),
      },
      () => true,
    );
    try {
      await vi.waitFor(
        async () => {
          const log = await readFile(service.logFile, 'utf8');
          expect(log).toContain(logged);
          const answer = await fetch(`${service.url}/readyz`);
          const ready = await answer.text();
          expect(answer.status).toBe(503);
          expect(ready).toContain(login);
          expect(log + ready).not.toMatch(/wrong-secret|hunter2/);
        },
        { timeout: 30_000, interval: 200 },
      );
    } finally {
      await service.stop();
    }
  },
);

async function startService(
  name: string,
  main: string,
  role: string,
  env: Record<string, string>,
  isReady?: () => boolean,
): Promise<ManagedProcess> {
  const port = env.PORT === undefined ? await freePort() : Number(env.PORT);
  const cwd = join(stack.dir, name);
  await mkdir(cwd);
  const url = `http://127.0.0.1:${port}`;
  return startProcess({
    name,
    port,
    url,
    logFile: join(cwd, 'log'),
    command: process.execPath,
    args: [join(root, 'services', main)],
    cwd,
    env: childEnv({
      ...stack.env,
      DATABASE_URL: stack.databaseUrl(role, password),
      ...env,
      PORT: String(port),
    }),
    isReady:
      isReady ??
      (() =>
        fetch(`${url}/readyz`).then(
          (answer) => answer.ok,
          () => false,
        )),
    readyTimeoutMs: 60_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 35_000,
  });
}

function callBody(): string {
  const now = new Date(Date.now() - 60_000).toISOString();
  return JSON.stringify({
    event: 'call.completed',
    event_id: `evt_${randomUUID()}`,
    occurred_at: now,
    call: {
      id: `zc_${randomUUID()}`,
      direction: 'inbound',
      from: '+919876501234',
      to: '+912240001234',
      status: 'completed',
      started_at: now,
      duration_seconds: 42,
      end_reason: 'caller_hangup',
    },
    transcript: {
      language: 'en',
      turns: [{ index: 0, speaker: 'caller', text: 'I would like an appointment.', start_ms: 0 }],
    },
    outcome: 'booked',
  });
}
