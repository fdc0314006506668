import { randomUUID } from 'node:crypto';
import { canaryTenantId } from '@switchboard/domain/canary';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type ClickHouse, createClickHouse } from '../client.ts';
import { factTables } from '../facts/index.ts';
import { createEpoch, missingTables, publishEpoch, publishedEpoch, viewEpochs, viewNames } from './epochs.ts';
import { migrateClickHouse } from './migrate.ts';

let client: ClickHouse;
let migrate: () => Promise<number>;
beforeEach(() => {
  const { url, user, password } = inject('engines').clickhouse;
  const database = `migrate_${randomUUID().replaceAll('-', '')}`;
  client = createClickHouse({ url, user, password, database });
  migrate = () => migrateClickHouse({ url, user, password, database });
});
afterEach(async () => {
  await client.command('DROP DATABASE IF EXISTS {database:Identifier}', { database: client.database });
  await client.close();
});

describe('migrateClickHouse', () => {
  it('makes everything, and nothing when it is run again, or twice at once', async () => {
    expect(await Promise.all([migrate(), migrate()])).toEqual([1, 1]);
    expect(await migrate()).toBe(1);
    expect(await publishedEpoch(client)).toBe(1);
    expect(await missingTables(client, 1)).toEqual([]);
  });

  it('leaves views alone that a rebuild has pointed elsewhere, and makes one that is gone', async () => {
    await migrate();
    await createEpoch(client, 2);
    expect(await publishedEpoch(client)).toBe(1);
    await publishEpoch(client, 2);
    expect(await publishedEpoch(client)).toBe(2);
    await client.command('DROP VIEW api_voice_call_daily');
    expect(await publishedEpoch(client)).toBeUndefined();
    expect(await migrate()).toBe(2);
    expect(await viewEpochs(client)).toEqual(new Map(viewNames.toSorted().map((name) => [name, 2])));
  });

  it('leaves views alone that are not at one epoch: only the holder of the lock of rebuilds moves them', async () => {
    await migrate();
    await createEpoch(client, 2);
    expect(await publishedEpoch(client)).toBe(1);
    await client.command('CREATE OR REPLACE VIEW fact_voice_call AS SELECT * FROM fact_voice_call_e2');
    await migrate();
    expect(await publishedEpoch(client)).toBeUndefined();
    expect((await viewEpochs(client)).get('fact_voice_call')).toBe(2);
    expect((await viewEpochs(client)).get('api_voice_call_facts')).toBe(1);
  });

  it('shows the numbers of clinics to people, and not those of the pipeline’s own probe; the API may ask for it', async () => {
    await migrate();
    const clinic = randomUUID();
    for (const { name } of factTables)
      for (const tenant of [clinic, canaryTenantId])
        await client.command(
          `INSERT INTO ${name}_e1 (tenant_id, entity_id, sign, local_date) VALUES ({tenant:UUID}, generateUUIDv4(), 1, '2026-11-20')`,
          { tenant },
          { async_insert: 0 },
        );
    const tenantsOf = async (from: string, params?: Record<string, unknown>) =>
      (await client.query<{ tenant_id: string }>(`SELECT DISTINCT tenant_id FROM ${from}`, params)).map(
        ({ tenant_id }) => tenant_id,
      );
    for (const name of viewNames.filter((view) => !view.startsWith('api_')))
      expect([name, await tenantsOf(name)]).toEqual([name, [clinic]]);
    expect(
      await tenantsOf('api_voice_call_daily(tenant = {tenant:UUID})', { tenant: canaryTenantId }),
    ).toEqual([canaryTenantId]);
  });

  it('names a table that is gone', async () => {
    await migrate();
    await client.command('DROP TABLE analytics_voice_call_hourly_e1');
    expect(await missingTables(client, 1)).toEqual(['analytics_voice_call_hourly_e1']);
  });
});
