import { describeHolder, freePort, isPortFree, portTaken } from '@switchboard/embedded';
import { UsageError } from './exit-codes.ts';
import { claimPort, releasePorts } from './port-claims.ts';

/** Everything that listens. */
export const portNames = [
  'ingest',
  'api',
  'enrich',
  'sink-postgres',
  'sink-clickhouse',
  'jobs',
  'kafka',
  'schema-registry',
  'postgres',
  'clickhouse',
] as const;

export type PortName = (typeof portNames)[number];
export type Ports = Record<PortName, number>;

export const defaultPorts: Ports = {
  ingest: 8080,
  api: 8090,
  enrich: 8101,
  'sink-postgres': 8102,
  'sink-clickhouse': 8103,
  jobs: 8104,
  kafka: 9092,
  'schema-registry': 8081,
  postgres: 5432,
  clickhouse: 8123,
};

const LOWEST_BASE = 1024;

/**
 * Ports in a row from this one, in the order of {@link portNames}.
 *
 * @throws UsageError for what is no port with room behind it.
 */
export function portsFrom(base: string): Ports {
  const first = Number(base);
  const highest = 65_535 - portNames.length + 1;
  if (!Number.isInteger(first) || first < LOWEST_BASE || first > highest) {
    throw new UsageError(
      `--ports takes the first of ${portNames.length} ports in a row, ${LOWEST_BASE} to ${highest}`,
    );
  }
  return toPorts((name) => first + portNames.indexOf(name));
}

export interface ChoosePortsOptions {
  /** What is missing gets any free port. */
  wanted: Partial<Ports>;
  /** What will listen; no other port is looked at. */
  names?: readonly PortName[];
  /** A wanted port that is taken is an error; otherwise a free one is used instead, with a word about it. */
  insist?: boolean;
  say: (line: string) => void;
}

/**
 * The port of everything that listens; each is this start's until `releasePorts`.
 *
 * @throws StartError `port_taken`, which tells by whom.
 */
export async function choosePorts(options: ChoosePortsOptions): Promise<Ports> {
  const { wanted, names = portNames, insist = false, say } = options;
  const portOf = new Map<PortName, number>();
  try {
    for (const name of portNames) {
      const port = wanted[name];
      if (!names.includes(name)) {
        portOf.set(name, port ?? 0);
        continue;
      }
      const holder = port === undefined ? undefined : await whoHas(port);
      if (port !== undefined && holder === undefined) {
        portOf.set(name, port);
        continue;
      }
      if (port !== undefined && insist) throw portTaken(name, port, { holder });
      const instead = await anyPort();
      portOf.set(name, instead);
      if (port !== undefined) say(`port ${port} is taken by ${holder}: ${name} uses ${instead}`);
    }
  } catch (error) {
    await releasePorts([...portOf.values()]);
    throw error;
  }
  return toPorts((name) => portOf.get(name) ?? 0);
}

/** Takes a port for this start; else tells who has it. */
async function whoHas(port: number): Promise<string | undefined> {
  const other = await claimPort(port);
  if (other) return `process ${other.takenBy} (another start of Switchboard)`;
  if (await isPortFree(port)) return undefined;
  await releasePorts([port]);
  return describeHolder(port);
}

async function anyPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if ((await whoHas(port)) === undefined) return port;
  }
}

function toPorts(get: (name: PortName) => number): Ports {
  return {
    ingest: get('ingest'),
    api: get('api'),
    enrich: get('enrich'),
    'sink-postgres': get('sink-postgres'),
    'sink-clickhouse': get('sink-clickhouse'),
    jobs: get('jobs'),
    kafka: get('kafka'),
    'schema-registry': get('schema-registry'),
    postgres: get('postgres'),
    clickhouse: get('clickhouse'),
  };
}
