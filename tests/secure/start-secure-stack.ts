import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ManagedProcess, startClickHouse, startKafka, startPostgres } from '@switchboard/embedded';
import type { Engines } from '@switchboard/testkit';
import { type Certificates, makeCertificates } from '@switchboard/testkit/certificates';
import { startTlsTerminator } from '@switchboard/testkit/tls-terminator';

/** Engines that speak TLS alone, with certificates of an authority that nobody else knows. */
export interface SecureStack {
  dir: string;
  certificates: Certificates;
  /** What every service needs to reach them, but who it is for Postgres. */
  env: Readonly<Record<string, string>>;
  /** Of Postgres over TLS, unless `query` says otherwise. */
  databaseUrl(user: string, password: string, query?: string): string;
  /** Of ClickHouse behind a certificate for another host. */
  elsewhereUrl: string;
  /** A Kafka listener without TLS. */
  plainBroker: string;
  stop(): Promise<void>;
}

/** Of every user here; each of them must not be seen in any message. */
export const password = `hunter2-${randomBytes(8).toString('hex')}`;

/** The registry is that of all tests. It and ClickHouse, with the users of infra/clickhouse/access.sql, stand behind TLS. */
export async function startSecureStack(engines: Engines): Promise<SecureStack> {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-secure-'));
  const certificates = await makeCertificates();
  const { certificate, key, keyAndCertificate, elsewhere } = certificates;
  const started: { stop(): Promise<void> }[] = [];
  const track = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const one = await starting;
    started.push(one);
    return one;
  };
  const stop = async () => {
    await Promise.all(started.map((one) => one.stop()));
    await certificates.remove();
    await rm(dir, { recursive: true, force: true });
  };
  const starting: [Promise<ManagedProcess>, Promise<ManagedProcess>, Promise<ManagedProcess>] = [
    track(
      startClickHouse({
        dataDir: join(dir, 'clickhouse'),
        users: [
          { name: 'switchboard', password },
          { name: 'switchboard_api', password, readonly: true, grants: ['SELECT ON switchboard.api_*'] },
        ],
      }),
    ),
    track(
      startKafka({
        dataDir: join(dir, 'kafka'),
        secure: { keyAndCertificate, logins: [{ name: 'switchboard', password }] },
      }),
    ),
    track(
      startPostgres({
        dataDir: join(dir, 'postgres'),
        password,
        databases: [{ name: 'switchboard' }],
        tls: { certificate, key },
        settings: { fsync: 'off', full_page_writes: 'off' },
      }),
    ),
  ];
  try {
    const [clickhouse, kafka, postgres] = await Promise.all(starting);
    const to = clickhouse.port;
    const terminator = await track(startTlsTerminator({ to, certificate, key }));
    const misnamed = await track(startTlsTerminator({ to, ...elsewhere }));
    const registry = new URL(engines.schemaRegistry);
    const secureRegistry = await track(startTlsTerminator({ to: Number(registry.port), certificate, key }));
    const sslQuery = `sslmode=verify-full&sslrootcert=${certificates.authority}`;
    return {
      dir,
      certificates,
      databaseUrl: (user, secret, query = sslQuery) =>
        `postgres://${user}:${secret}@localhost:${postgres.port}/switchboard?${query}`,
      elsewhereUrl: `https://127.0.0.1:${misnamed.port}`,
      plainBroker: engines.kafka,
      env: {
        KAFKA_BROKERS: kafka.url,
        KAFKA_SSL: 'true',
        KAFKA_SSL_CA: certificates.authority,
        KAFKA_SASL_MECHANISM: 'scram-sha-512',
        KAFKA_SASL_USERNAME: 'switchboard',
        KAFKA_SASL_PASSWORD: password,
        KAFKA_TOPIC_PREFIX: `secure-${randomBytes(4).toString('hex')}.`,
        SCHEMA_REGISTRY_URL: `https://127.0.0.1:${secureRegistry.port}${registry.pathname}`,
        // The registry's library takes no authorities; Node does.
        NODE_EXTRA_CA_CERTS: certificates.authority,
        CLICKHOUSE_URL: `https://127.0.0.1:${terminator.port}`,
        CLICKHOUSE_CA: certificates.authority,
        CLICKHOUSE_USER: 'switchboard',
        CLICKHOUSE_PASSWORD: password,
      },
      stop,
    };
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}
