import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv, type ProcessSpec } from '@switchboard/embedded';
import { type EngineAccess, settingsOf } from './engine-urls.ts';
import type { Ports } from './ports.ts';
import type { Secrets } from './secrets.ts';

/** In the order in which they are stopped: what takes work in first, what drains it last. */
export const serviceNames = ['ingest', 'api', 'jobs', 'enrich', 'sink-postgres', 'sink-clickhouse'] as const;

export type ServiceName = (typeof serviceNames)[number];

export interface ServiceOptions {
  dir: string;
  ports: Ports;
  secrets: Secrets;
  /** Of the engines that run; a service gets the settings of those. */
  engines: Partial<EngineAccess>;
  tenantId: string;
  /** The environment below what is decided here. */
  inherited: Record<string, string>;
  /** Settings over what is decided here, for all services and for one. */
  env: Record<string, string>;
  serviceEnv: Partial<Record<ServiceName, Record<string, string>>>;
  /** Programs in the place of services' own: paths. */
  mains?: Partial<Record<ServiceName, string>>;
}

const MAINS: Record<ServiceName, string> = {
  ingest: 'ingest/src/main.ts',
  api: 'api/src/main.ts',
  jobs: 'jobs/src/main.ts',
  enrich: 'enrich/src/main.ts',
  'sink-postgres': 'sink/src/postgres/main.ts',
  'sink-clickhouse': 'sink/src/clickhouse/main.ts',
};

const ROLES: Record<ServiceName, 'ingest' | 'enrich' | 'sink' | 'api'> = {
  ingest: 'ingest',
  api: 'api',
  // Nobody's rights but the sink's are what its jobs need: ADR 17.
  jobs: 'sink',
  enrich: 'enrich',
  'sink-postgres': 'sink',
  'sink-clickhouse': 'sink',
};

/**
 * V8's young generation is three semi-spaces. Node would let each grow to 32 MiB and keep it; at 8 a service is as fast
 * and needs 100 to 300 MiB less (`docs/benchmarks.md`). With the second flag it gives memory back when it is idle. The
 * Dockerfile says the same.
 */
export const nodeFlags = ['--max-semi-space-size=8', '--expose-gc'];

/** How a service is run as a process of its own. */
export function serviceProcess(name: ServiceName, options: ServiceOptions): ProcessSpec {
  const { dir, ports, inherited, env, serviceEnv } = options;
  const own = fileURLToPath(new URL(`../../../services/${MAINS[name]}`, import.meta.url));
  return {
    name,
    port: ports[name],
    url: `http://127.0.0.1:${ports[name]}`,
    logFile: join(dir, 'logs', `${name}.log`),
    command: process.execPath,
    args: [...nodeFlags, options.mains?.[name] ?? own],
    cwd: dir,
    env: { ...childEnv(), ...inherited, ...settings(name, options), ...env, ...serviceEnv[name] },
    // Whether it can work is another question, which /readyz answers: an engine may be away.
    isReady: () => true,
    readyTimeoutMs: 30_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 35_000,
  };
}

/** A URL with another user, as which a service logs in. */
function asRole(adminUrl: string, role: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = password;
  return url.href;
}

function settings(
  name: ServiceName,
  { dir, ports, secrets, engines, tenantId, inherited }: ServiceOptions,
): Record<string, string> {
  const role = ROLES[name];
  const { postgres } = engines;
  const ingest = `http://127.0.0.1:${ports.ingest}`;
  return {
    PORT: String(ports[name]),
    HOST: '127.0.0.1',
    ...settingsOf(engines),
    SCHEMA_CACHE_DIR: join(dir, 'cache', 'schemas'),
    RECORDINGS_URL: inherited.RECORDINGS_URL || join(dir, 'recordings'),
    ...(postgres && { DATABASE_URL: asRole(postgres, `switchboard_${role}`, secrets[`${role}Password`]) }),
    SECRETS_KEY: secrets.secretsKey,
    PSEUDONYM_KEY: secrets.pseudonymKey,
    DEFAULT_TENANT_ID: tenantId,
    ZOICE_WEBHOOK_SECRET: secrets.webhookSecret,
    TWILIO_WEBHOOK_SECRET: secrets.twilioAuthToken,
    TWILIO_PUBLIC_URL: inherited.TWILIO_PUBLIC_URL || ingest,
    VOICE_AGENT_API_KEY: secrets.voiceAgentApiKey,
    API_SERVICES: serviceNames.map((one) => `${one}=http://127.0.0.1:${ports[one]}`).join(','),
    // Compiled once, so that the next start is quicker.
    NODE_COMPILE_CACHE: join(dir, 'cache', 'node'),
  };
}
