import { StartError } from '@switchboard/embedded';
import { brokerAccess } from '@switchboard/kafka';
import { SwitchboardError } from '@switchboard/platform';
import { prepareEach, type StoreName } from '@switchboard/prepare/prepare-each';
import { checkKeys, noteKeys } from './check-keys.ts';
import { demoClinic } from './demo-clinic.ts';
import type { EngineAccess, StartingEngines } from './engine-urls.ts';
import type { Secrets } from './secrets.ts';
import { seedClinic } from './seed-clinic.ts';
import type { Step } from './step.ts';

export interface PrepareStoresOptions {
  /** What is started or given; each is made ready without the others. */
  engines: Partial<StartingEngines>;
  secrets: Secrets;
  /** What the secrets' key was before. */
  oldSecretsKeys?: readonly Buffer[];
  topicPrefix: string;
  /** Of topics made now; each topic's own number unless told. */
  partitions?: number;
  clickhouseDatabase: string;
  clickhouseCluster?: string;
  step: Step;
  /** Told when a later version has changed the database. */
  warn: (line: string) => void;
}

const LABELS: Readonly<Record<StoreName, string>> = {
  kafka: 'Topics',
  schemaRegistry: 'Schemas',
  postgres: 'Tables of Postgres',
  clickhouse: 'Tables and views of ClickHouse',
};

/**
 * Makes each engine ready for the services as soon as it runs: tables, topics, schemas, views, the demo clinic.
 * @returns how they are reached
 * @throws StartError `other_keys`, `data_of_other_version` before anything in Postgres is changed
 */
export async function prepareStores(options: PrepareStoresOptions): Promise<Partial<EngineAccess>> {
  const { engines, secrets, topicPrefix: prefix, clickhouseDatabase: database, step } = options;
  const { partitions, clickhouseCluster: cluster } = options;
  const rolePasswords = {
    switchboard_migrate: secrets.migratePassword,
    switchboard_ingest: secrets.ingestPassword,
    switchboard_enrich: secrets.enrichPassword,
    switchboard_sink: secrets.sinkPassword,
    switchboard_api: secrets.apiPassword,
  };
  const keys = { ...secrets, oldSecretsKeys: options.oldSecretsKeys };
  const withClinic = async (make: () => Promise<unknown>) => {
    const adminUrl = (await engines.postgres) ?? '';
    await step(LABELS.postgres, async () => {
      await checkKeys(adminUrl, keys);
      await make().catch(explainNewer);
      await noteKeys(adminUrl, keys);
    });
    await step('Demo clinic', () => seedClinic(adminUrl, demoClinic, secrets));
  };
  await prepareEach(
    {
      kafka: engines.kafka?.then((settings) => ({ ...brokerAccess(settings), prefix, partitions })),
      schemaRegistry: engines.schemaRegistry?.then((registryUrl) => ({ registryUrl, prefix })),
      postgres: engines.postgres?.then((adminUrl) => ({
        adminUrl,
        rolePasswords,
        say: (line: string) => options.warn(`${LABELS.postgres}: ${line}.`),
      })),
      clickhouse: engines.clickhouse?.then(({ url, user, password, caFile }) => ({
        url,
        user,
        password,
        caFile,
        database,
        cluster,
      })),
    },
    (store, make) => (store === 'postgres' ? withClinic(make) : step(LABELS[store], make)),
  );
  const clickhouse = await engines.clickhouse;
  return {
    kafka: await engines.kafka,
    schemaRegistry: await engines.schemaRegistry,
    postgres: await engines.postgres,
    clickhouse: clickhouse && { ...clickhouse, database },
  };
}

function explainNewer(error: unknown): never {
  if (!(error instanceof SwitchboardError && error.code === 'database_newer')) throw error;
  const message = error.message.charAt(0).toUpperCase() + error.message.slice(1);
  throw new StartError('data_of_other_version', `${message}.`, { cause: error });
}
