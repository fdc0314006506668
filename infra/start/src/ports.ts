import { freePorts, isPortFree } from '@switchboard/embedded';

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

/**
 * The wanted ports as far as they are free; for each other one a free port, and a word about it.
 *
 * @param wanted what is missing in it gets any free port.
 */
export async function choosePorts(wanted: Partial<Ports>, say: (line: string) => void): Promise<Ports> {
  const spare = await freePorts(portNames.length);
  const chosen = await Promise.all(
    portNames.map(async (name, index) => {
      const port = wanted[name];
      if (port !== undefined && (await isPortFree(port))) return [name, port] as const;
      const instead = spare[index];
      if (instead === undefined) throw new Error('no free port');
      if (port !== undefined) say(`port ${port} is taken: ${name} uses ${instead}`);
      return [name, instead] as const;
    }),
  );
  const portOf = new Map<PortName, number>(chosen);
  const get = (name: PortName) => portOf.get(name) ?? 0;
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
