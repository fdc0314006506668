import { migrateClickHouse } from '@switchboard/clickhouse';
import { ensureTopics, registerSchemas } from '@switchboard/kafka';
import { migrate } from '@switchboard/postgres';
import type { Secrets } from './secrets.ts';
import { seedDemoTenant } from './seed-demo-tenant.ts';
import type { EngineUrls, StartingEngines } from './start-engines.ts';

export interface PrepareStoresOptions {
  engines: StartingEngines;
  secrets: Secrets;
  topicPrefix: string;
  clickhouseDatabase: string;
  step: <T>(what: string, work: () => Promise<T>) => Promise<T>;
}

/** Makes each engine ready for the services as soon as it runs: tables, topics, schemas, views, the demo clinic. */
export async function prepareStores(options: PrepareStoresOptions): Promise<EngineUrls> {
  const { engines, secrets, topicPrefix: prefix, clickhouseDatabase: database, step } = options;
  const kafka = async () => {
    const brokers = await engines.kafka;
    await step('Topics', () => ensureTopics({ brokers: brokers.split(','), prefix }));
    return brokers;
  };
  const schemaRegistry = async () => {
    const registryUrl = await engines.schemaRegistry;
    await step('Schemas', () => registerSchemas({ registryUrl, prefix }));
    return registryUrl;
  };
  const postgres = async () => {
    const adminUrl = await engines.postgres;
    await step('Tables of Postgres', () =>
      migrate({
        adminUrl,
        rolePasswords: {
          switchboard_migrate: secrets.migratePassword,
          switchboard_ingest: secrets.ingestPassword,
          switchboard_enrich: secrets.enrichPassword,
          switchboard_sink: secrets.sinkPassword,
          switchboard_api: secrets.apiPassword,
        },
      }),
    );
    await step('Demo clinic', () => seedDemoTenant(adminUrl, secrets));
    return adminUrl;
  };
  const clickhouse = async () => {
    const access = await engines.clickhouse;
    await step('Tables and views of ClickHouse', () => migrateClickHouse({ ...access, database }));
    return access;
  };
  const all = await settle([kafka(), schemaRegistry(), postgres(), clickhouse()] as const);
  return { kafka: all[0], schemaRegistry: all[1], postgres: all[2], clickhouse: all[3] };
}

/** Like `Promise.all`, but rejects only when all have come to an end, so that nothing starts after a failure. */
async function settle<T extends readonly Promise<unknown>[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
