import { describe, expect, it } from 'vitest';
import { maintenanceConfig } from './maintenance-config.ts';

const demo = {
  postgres: 'postgres://demo@127.0.0.1:5432/switchboard',
  clickhouse: { url: 'http://127.0.0.1:8123', user: 'demo', password: 'of the demo' },
};
const production = {
  DATABASE_URL: 'postgres://sink@db.clinic.example/switchboard',
  CLICKHOUSE_URL: 'https://ch.clinic.example:8443',
};

describe('the stores of a maintenance command', () => {
  it('are those of the running stack when the environment names neither', () => {
    const config = maintenanceConfig(demo, { CLICKHOUSE_DEDUP_WINDOW: '7', CLICKHOUSE_CLUSTER: 'three' });
    expect(config).toMatchObject({
      DATABASE_URL: demo.postgres,
      CLICKHOUSE_URL: demo.clickhouse.url,
      CLICKHOUSE_USER: 'demo',
      CLICKHOUSE_PASSWORD: 'of the demo',
      CLICKHOUSE_DEDUP_WINDOW: 7,
      CLICKHOUSE_CLUSTER: 'three',
    });
  });

  it('are those of the environment when it names both, and nothing of the running stack', () => {
    const config = maintenanceConfig(demo, production);
    expect(config).toMatchObject({
      ...production,
      CLICKHOUSE_USER: 'switchboard',
      CLICKHOUSE_PASSWORD: '',
    });
  });

  it.each([
    ['DATABASE_URL', 'CLICKHOUSE_URL'],
    ['CLICKHOUSE_URL', 'DATABASE_URL'],
  ] as const)('are never one of each: %s alone asks for %s', (given, other) => {
    const env = { [given]: production[given] };
    expect(() => maintenanceConfig(demo, env)).toThrow(`${other}: must be set`);
  });

  it('take no user or database from the environment for the running stack', () => {
    const env = { CLICKHOUSE_USER: 'another', CLICKHOUSE_DATABASE: 'another' };
    const config = maintenanceConfig(demo, env);
    expect([config.CLICKHOUSE_USER, config.CLICKHOUSE_DATABASE]).toEqual(['demo', 'switchboard']);
  });

  it('must be named where no stack is running', () => {
    expect(() => maintenanceConfig(undefined, {})).toThrow(/DATABASE_URL: must be set/);
  });
});
