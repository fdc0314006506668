import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouseEngine, startClickHouse } from '@switchboard/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBlockInserter } from '../blocks/insert-block.ts';
import { type ClickHouse, createClickHouse } from '../client.ts';
import { databaseSql } from './cluster.ts';
import { viewNames } from './epochs.ts';
import { migrateClickHouse } from './migrate.ts';
import { epochStatements, overCellsStatements, stateStatements, viewStatements } from './statements.ts';

/**
 * The engine stands for a server of a cluster as far as one without a network can: its Keeper is in its own memory, so that
 * replicated tables can be made and not filled, and both shards of `cells` are itself. Their path has no `{uuid}`, which
 * only a replicated database shares among servers.
 */
const itself = '<replica><host>127.0.0.1</host><port>9000</port></replica>';
const config = `<zookeeper><implementation>testkeeper</implementation></zookeeper>
<macros><shard>1</shard><replica>first</replica></macros>
<default_replica_path>/clickhouse/tables/{database}/{table}/{shard}</default_replica_path>
<tcp_port>9000</tcp_port>
<remote_servers>
  <one><shard>${itself}</shard></one>
  <cells><shard>${itself}</shard><shard>${itself}</shard></cells>
</remote_servers>`;
const password = 'switchboard';
const tenant = '3f0c0f52-6b0c-4c8b-9a55-0f7a2d6a9c01';

let dir: string;
let engine: ClickHouseEngine;
let client: ClickHouse;
const accessTo = (database: string) => ({ url: engine.url, user: 'switchboard', password, database });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-replicated-'));
  engine = await startClickHouse({ dataDir: dir, users: [{ name: 'switchboard', password }], config });
  client = createClickHouse(accessTo('switchboard'));
});
afterAll(async () => {
  await client.close();
  await engine.kill();
  await rm(dir, { recursive: true, force: true });
});

describe('a replicated database', () => {
  it('has tables and views that the engine takes as they are', async () => {
    const other = createClickHouse(accessTo('replicated'));
    await other.createDatabase();
    const statements = [
      ...stateStatements('one'),
      ...epochStatements(7, 100, 'one'),
      ...viewStatements(7, 'CREATE OR REPLACE VIEW'),
    ];
    for (const statement of statements) await other.command(statement);
    const engines = await other.query<{ engine: string; tables: number }>(
      `SELECT engine, count() AS tables FROM system.tables
       WHERE database = 'replicated' AND (match(name, '_e7$') OR startsWith(name, 'switchboard_'))
       GROUP BY engine ORDER BY engine`,
    );
    const kinds = epochStatements(7, 100).length / 5;
    expect(engines).toEqual([
      { engine: 'MaterializedView', tables: 2 * kinds },
      { engine: 'Memory', tables: 1 },
      { engine: 'ReplicatedAggregatingMergeTree', tables: 2 * kinds },
      { engine: 'ReplicatedMergeTree', tables: kinds + 1 },
    ]);
    await other.close();
  });

  it('is made by a statement that the engine understands', async () => {
    const [row] = await client.query<{ sql: string }>(
      'SELECT formatQuerySingleLine({statement:String}) AS sql',
      { statement: databaseSql('switchboard', 'switchboard_3') },
    );
    expect(row?.sql).toBe(
      "CREATE DATABASE IF NOT EXISTS switchboard ON CLUSTER switchboard_3 ENGINE = Replicated('/clickhouse/databases/switchboard_3/switchboard', '{shard}', '{replica}')",
    );
  });

  it.each([
    ['database_not_replicated', 'switchboard', 'one'],
    ['cluster_unknown', 'unmade', 'nobody'],
    ['cluster_has_shards', 'unmade', 'cells'],
  ])('is not made, and nothing else either, with a word: %s', async (code, database, cluster) => {
    await expect(migrateClickHouse({ ...accessTo(database), cluster })).rejects.toMatchObject({
      code,
      retryable: false,
    });
    const [unmade] = await client.query("SELECT name FROM system.databases WHERE name = 'unmade'");
    expect(unmade).toBeUndefined();
  });
});

describe('tables over all cells', () => {
  it('add up what the cells’ public views have, whatever their epoch, and take nothing in', async () => {
    await migrateClickHouse(accessTo('switchboard'));
    // With the settings of a cluster, which a plain table takes and has no use for.
    const ofCluster = createClickHouse({ ...accessTo('switchboard'), cluster: 'one' });
    const { insertLines } = await createBlockInserter(ofCluster);
    const fact = { tenant_id: tenant, sign: 1, basis: 'started', local_date: '2026-11-20', booked: 1 };
    for (let time = 1; time <= 2; time += 1)
      await insertLines('fact_voice_call_e1', JSON.stringify(fact), 'one-block');
    await ofCluster.close();
    const names = viewNames.filter((name) => !name.startsWith('api_'));
    const over = { cells: 'cells', database: 'switchboard', names, into: 'switchboard_cells' };
    for (const statement of overCellsStatements(over)) await client.command(statement);
    for (const name of names) {
      const [row] = await client.query<{ here: number; everywhere: number }>(
        `SELECT (SELECT count() FROM ${name}) AS here, (SELECT count() FROM switchboard_cells.${name}) AS everywhere`,
      );
      expect(row?.everywhere).toBe(2 * (row?.here ?? Number.NaN));
    }
    const [daily] = await client.query<{ calls: number; booked: number }>(
      'SELECT sum(calls) AS calls, sum(booked) AS booked FROM switchboard_cells.analytics_voice_call_daily WHERE tenant_id = {tenant:UUID}',
      { tenant },
    );
    expect(daily).toEqual({ calls: 2, booked: 2 });
    await expect(
      client.command('INSERT INTO switchboard_cells.fact_voice_call (sign) SELECT 1'),
    ).rejects.toMatchObject({ type: 'STORAGE_REQUIRES_PARAMETER' });
  });
});
