import { migrateClickHouse } from '@switchboard/clickhouse';
import { ensureTopics, registerSchemas } from '@switchboard/kafka';
import { migrate } from '@switchboard/postgres';
import type { EngineUrls, StartingEngines } from './engine-urls.ts';
import type { PrepareStoresOptions } from './prepare-stores.ts';
import { seedDemoTenant } from './seed-demo-tenant.ts';

export interface PrepareChosenOptions extends Omit<PrepareStoresOptions, 'engines'> {
  engines: Partial<StartingEngines>;
}

/** As `prepareStores` does, of some engines: each is made ready without the others. */
export async function prepareChosen(options: PrepareChosenOptions): Promise<Partial<EngineUrls>> {
  const { engines, secrets, topicPrefix: prefix, clickhouseDatabase: database, step } = options;
  const urls: Partial<EngineUrls> = {};
  const work = [
    engines.kafka?.then(async (brokers) => {
      await step('Topics', () => ensureTopics({ brokers: brokers.split(','), prefix }));
      urls.kafka = brokers;
    }),
    engines.schemaRegistry?.then(async (registryUrl) => {
      await step('Schemas', () => registerSchemas({ registryUrl, prefix }));
      urls.schemaRegistry = registryUrl;
    }),
    engines.postgres?.then(async (adminUrl) => {
      const rolePasswords = {
        switchboard_migrate: secrets.migratePassword,
        switchboard_ingest: secrets.ingestPassword,
        switchboard_enrich: secrets.enrichPassword,
        switchboard_sink: secrets.sinkPassword,
        switchboard_api: secrets.apiPassword,
      };
      await step('Tables of Postgres', () => migrate({ adminUrl, rolePasswords }));
      await step('Demo clinic', () => seedDemoTenant(adminUrl, secrets));
      urls.postgres = adminUrl;
    }),
    engines.clickhouse?.then(async (access) => {
      await step('Tables and views of ClickHouse', () => migrateClickHouse({ ...access, database }));
      urls.clickhouse = access;
    }),
  ];
  // All come to an end before a failure is told, so that nothing starts after it.
  await Promise.allSettled(work);
  await Promise.all(work);
  return urls;
}
