import { describeHolder, freePorts, isPortFree, portTaken } from '@switchboard/embedded';
import { UsageError } from './exit-codes.ts';

/** Everything that listens. */
export const portNames = [
  'ingest',
  'api',
  'enrich',
  'sink-postgres',
  'sink-clickhouse',
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
 * The port of everything that listens.
 *
 * @throws StartError `port_taken`, which tells by whom.
 */
export async function choosePorts(options: ChoosePortsOptions): Promise<Ports> {
  const { wanted, names = portNames, insist = false, say } = options;
  const spare = await freePorts(portNames.length);
  const chosen = await Promise.all(
    portNames.map(async (name, index) => {
      const port = wanted[name];
      if (port !== undefined && (!names.includes(name) || (await isPortFree(port))))
        return [name, port] as const;
      if (port !== undefined && insist) throw portTaken(name, port);
      const instead = spare[index] ?? 0;
      if (port !== undefined)
        say(`port ${port} is taken by ${describeHolder(port)}: ${name} uses ${instead}`);
      return [name, instead] as const;
    }),
  );
  const portOf = new Map<PortName, number>(chosen);
  return toPorts((name) => portOf.get(name) ?? 0);
}

function toPorts(get: (name: PortName) => number): Ports {
  return {
    ingest: get('ingest'),
    api: get('api'),
    enrich: get('enrich'),
    'sink-postgres': get('sink-postgres'),
    'sink-clickhouse': get('sink-clickhouse'),
    kafka: get('kafka'),
    'schema-registry': get('schema-registry'),
    postgres: get('postgres'),
    clickhouse: get('clickhouse'),
  };
}
