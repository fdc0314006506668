import { describe, expect, it } from 'vitest';
import { databaseSql, enginePlaceholders } from './cluster.ts';
import { epochStatements, stateStatements, viewStatements } from './statements.ts';

const cluster = 'switchboard_3';
const plain = [...stateStatements(), ...epochStatements(7, 100)];
const replicated = [...stateStatements(cluster), ...epochStatements(7, 100, cluster)];

describe('the tables of a cluster', () => {
  it('differ from those of one server by their engines and by how those remember tokens, and by nothing else', () => {
    const { deduplication = '' } = enginePlaceholders(cluster, 100);
    const likePlain = replicated.map((statement) =>
      statement
        .replace(/^ENGINE = Replicated/gm, 'ENGINE = ')
        .replace(deduplication, 'non_replicated_deduplication_window = 100'),
    );
    expect(likePlain).toEqual(plain);
  });

  it('are all replicated, but the marks that must be of one replica, and remember tokens on the facts and on every target', () => {
    const engines = replicated.flatMap((statement) => /^ENGINE = (\w+)/m.exec(statement)?.[1] ?? []);
    expect(new Set(engines)).toEqual(
      new Set(['ReplicatedMergeTree', 'ReplicatedAggregatingMergeTree', 'Memory']),
    );
    expect(engines.filter((engine) => engine === 'Memory')).toHaveLength(1);
    const ofFacts = replicated.filter((statement) => /^CREATE TABLE .*_e7$/m.test(statement));
    expect(ofFacts.length).toBeGreaterThan(15);
    for (const statement of ofFacts)
      expect(statement).toContain(
        'SETTINGS replicated_deduplication_window = 100, replicated_deduplication_window_seconds = 604800',
      );
  });

  it('name the cluster once, where the database is made', () => {
    expect(databaseSql('switchboard')).toBe('CREATE DATABASE IF NOT EXISTS `switchboard`');
    expect(databaseSql('switchboard', cluster)).toBe(
      "CREATE DATABASE IF NOT EXISTS `switchboard` ON CLUSTER `switchboard_3`\nENGINE = Replicated('/clickhouse/databases/switchboard_3/switchboard', '{shard}', '{replica}')",
    );
    for (const statement of [...replicated, ...viewStatements(7, 'CREATE OR REPLACE VIEW')])
      expect(statement).not.toMatch(/ON CLUSTER|switchboard_3/);
  });
});
