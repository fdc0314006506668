import { type MigrateClickHouseOptions, migrateClickHouse } from '@switchboard/clickhouse';
import {
  type EnsureTopicsOptions,
  ensureTopics,
  type RegisterSchemasOptions,
  registerSchemas,
} from '@switchboard/kafka';
import { migrate } from '@switchboard/postgres';
import { makeClickHouseUsers } from './clickhouse-users.ts';
import type { ClickHouseAccess } from './config.ts';

export type StoreName = 'kafka' | 'schemaRegistry' | 'postgres' | 'clickhouse';

/** How each store is reached and what it is to get, as soon as that is known; what is not named is let alone. */
export interface Stores {
  kafka?: Promise<EnsureTopicsOptions>;
  schemaRegistry?: Promise<RegisterSchemasOptions>;
  postgres?: Promise<Parameters<typeof migrate>[0]>;
  clickhouse?: Promise<ClickHouseStore>;
}

/** `users`: who makes ClickHouse's users first; without, they are there already. */
export interface ClickHouseStore extends MigrateClickHouseOptions {
  users?: ClickHouseAccess;
}

/** Does what makes one store ready, which may be done twice: once, or again until it succeeds. */
export type Attempt = (store: StoreName, make: () => Promise<unknown>) => Promise<unknown>;

/**
 * Makes stores ready for the services: topics, schemas, tables and roles, users and views. They are worked on beside
 * each other, each as soon as it is there.
 * @throws what kept the first of them from being made ready, when all have come to an end, so that nothing starts after it
 */
export async function prepareEach(stores: Stores, attempt: Attempt): Promise<void> {
  const each = <T>(name: StoreName, store: Promise<T> | undefined, make: (store: T) => Promise<unknown>) =>
    store?.then((known) => attempt(name, () => make(known)));
  const work = [
    each('postgres', stores.postgres, migrate),
    each('kafka', stores.kafka, ensureTopics),
    each('schemaRegistry', stores.schemaRegistry, registerSchemas),
    each('clickhouse', stores.clickhouse, prepareClickHouse),
  ];
  await Promise.allSettled(work);
  await Promise.all(work);
}

async function prepareClickHouse({ users, ...options }: ClickHouseStore): Promise<void> {
  if (users) await makeClickHouseUsers({ url: options.url, caFile: options.caFile, ...users });
  // As the services' own user: views run with the rights of whoever made them.
  await migrateClickHouse(options);
}
