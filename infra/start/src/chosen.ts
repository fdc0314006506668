import type { GivenEngines } from './engine-urls.ts';
import { UsageError } from './exit-codes.ts';
import { type PortName, portNames } from './ports.ts';
import { type ServiceName, serviceNames } from './services.ts';

export const engineNames = ['kafka', 'schema-registry', 'postgres', 'clickhouse'] as const;

export type EngineName = (typeof engineNames)[number];

/** What is to be started, and which engines it is to use. */
export interface Chosen {
  /** Started embedded. */
  engines: readonly EngineName[];
  services: readonly ServiceName[];
  /** Started or given; tables, topics and schemas are made in these. */
  used: ReadonlySet<EngineName>;
}

/** What each needs to work. */
const NEEDS: Readonly<Record<ServiceName | 'schema-registry', readonly EngineName[]>> = {
  ingest: ['kafka', 'schema-registry', 'postgres'],
  api: ['postgres', 'clickhouse'],
  enrich: ['kafka', 'schema-registry', 'postgres'],
  'sink-postgres': ['kafka', 'schema-registry', 'postgres'],
  'sink-clickhouse': ['postgres', 'clickhouse'],
  jobs: ['kafka', 'schema-registry', 'postgres'],
  'schema-registry': ['postgres'],
};

const URLS: Readonly<Record<EngineName, string>> = {
  kafka: 'KAFKA_BROKERS',
  'schema-registry': 'SCHEMA_REGISTRY_URL',
  postgres: 'DATABASE_URL',
  clickhouse: 'CLICKHOUSE_URL',
};

/**
 * What is started when only these are asked for, or all.
 *
 * @throws UsageError when one of them needs an engine that is neither among them nor given.
 */
export function choose(only: readonly PortName[] = portNames, given: GivenEngines = {}): Chosen {
  const givenNames = namesOf(given);
  const services = serviceNames.filter((name) => only.includes(name));
  const engines = engineNames.filter((name) => only.includes(name) && !givenNames.includes(name));
  const askers = [...services, ...engines.filter((name) => name === 'schema-registry')];
  for (const asker of askers) {
    const missing = NEEDS[asker].filter(
      (engine) => !engines.includes(engine) && !givenNames.includes(engine),
    );
    if (missing.length === 0) continue;
    const urls = missing.map((engine) => URLS[engine]).join(', ');
    throw new UsageError(
      `${asker} needs ${missing.join(', ')}: name ${missing.length === 1 ? 'it' : 'them'} after --only too, or set ${urls}.`,
    );
  }
  const needed = givenNames.filter(
    (name) => only.includes(name) || services.some((service) => NEEDS[service].includes(name)),
  );
  return { engines, services, used: new Set([...engines, ...needed]) };
}

/**
 * Reads "kafka,postgres,…".
 *
 * @throws UsageError for a name that nothing has.
 */
export function readNames(list: string): PortName[] {
  return list
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
    .map((word) => {
      const name = portNames.find((known) => known === word);
      if (name) return name;
      throw new UsageError(`there is no ${word}; --only takes some of ${portNames.join(', ')}`);
    });
}

function namesOf({ kafka, schemaRegistry, postgres, clickhouse }: GivenEngines): EngineName[] {
  const given = { kafka, 'schema-registry': schemaRegistry, postgres, clickhouse };
  return engineNames.filter((name) => given[name] !== undefined);
}
