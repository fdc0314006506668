/** How a service runs in pods, beside what its settings say. */
export interface RunningService {
  /** Keys of the Secret that its settings are, where they have another name. */
  keys: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  /** Asked until it answers 200 for the first time; whether the process lives, unless told. */
  started?: string;
  /** Asked from then on: whether it is sent requests. */
  ready: string;
  /** Whether it is sent any: nobody asks the others for more than how they are. */
  isServer: boolean;
  why: string;
}

const consumer = {
  ready: '/readyz',
  isServer: false,
  why: 'Nobody sends it requests: its readiness is what a rollout waits for.',
};

/**
 * The services that run all the time. An engine that is away is away for all their pods: those that answer for themselves then stay in their
 * Service, and a new pod gets its first request once all was there.
 */
export const services: Readonly<Record<string, RunningService>> = {
  ingest: {
    keys: { DATABASE_URL: 'INGEST_DATABASE_URL' },
    started: '/readyz',
    ready: '/readyz?exclude=broker',
    isServer: true,
    why: 'While the broker is away it answers 503 with Retry-After itself.',
  },
  enrich: { keys: { DATABASE_URL: 'ENRICH_DATABASE_URL' }, ...consumer },
  'sink-postgres': { keys: { DATABASE_URL: 'SINK_DATABASE_URL' }, ...consumer },
  'sink-clickhouse': { keys: { DATABASE_URL: 'SINK_DATABASE_URL' }, ...consumer },
  api: {
    keys: { DATABASE_URL: 'API_DATABASE_URL', CLICKHOUSE_PASSWORD: 'CLICKHOUSE_API_PASSWORD' },
    env: { CLICKHOUSE_USER: 'switchboard_api' },
    started: '/readyz?exclude=clickhouse',
    ready: '/readyz?exclude=postgres&exclude=clickhouse',
    isServer: true,
    why: 'Without ClickHouse it has no numbers, but records and the tools of a call; without Postgres it answers 503 itself.',
  },
  jobs: { keys: { DATABASE_URL: 'SINK_DATABASE_URL' }, ...consumer },
};
