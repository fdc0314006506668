import { loadConfig } from '@switchboard/platform';
import { expect, it } from 'vitest';
import { clickhouseAccess, prepareShape, rolePasswords } from './config.ts';

const needed = {
  KAFKA_BROKERS: 'a:1',
  SCHEMA_REGISTRY_URL: 'http://registry',
  DATABASE_URL: 'postgres://a:b@c/d',
  CLICKHOUSE_URL: 'http://clickhouse',
};
const configOf = (env: Record<string, string>) => loadConfig(prepareShape, { ...needed, ...env });

const roles = ['MIGRATE', 'INGEST', 'ENRICH', 'SINK', 'API'];
const passwords = Object.fromEntries(roles.map((role) => [`POSTGRES_${role}_PASSWORD`, `secret-of-${role}`]));

it('passwords of roles are given all or none', () => {
  expect(rolePasswords(configOf({}))).toBeUndefined();
  expect(rolePasswords(configOf(passwords))).toMatchObject({ switchboard_sink: 'secret-of-SINK' });
  const { POSTGRES_SINK_PASSWORD: _, ...incomplete } = passwords;
  expect(() => rolePasswords(configOf(incomplete))).toThrow('POSTGRES_SINK_PASSWORD: must be set');
});

it('users of ClickHouse are made when an administrator is named, and only those that access.sql knows', () => {
  expect(clickhouseAccess(configOf({}))).toBeUndefined();
  const admin = {
    CLICKHOUSE_ADMIN_USER: 'admin',
    CLICKHOUSE_ADMIN_PASSWORD: 'secret-0',
    CLICKHOUSE_PASSWORD: 'secret-1',
    CLICKHOUSE_API_PASSWORD: 'secret-2',
    CLICKHOUSE_ANALYST_PASSWORD: 'secret-3',
  };
  expect(clickhouseAccess(configOf(admin))).toEqual({
    admin: { user: 'admin', password: 'secret-0' },
    passwords: { switchboard: 'secret-1', switchboard_api: 'secret-2', analyst: 'secret-3' },
  });
  expect(() => clickhouseAccess(configOf({ ...admin, CLICKHOUSE_API_PASSWORD: '' }))).toThrow(
    'CLICKHOUSE_API_PASSWORD: must be set',
  );
  expect(() => clickhouseAccess(configOf({ ...admin, CLICKHOUSE_DATABASE: 'other' }))).toThrow(
    'CLICKHOUSE_ADMIN_USER',
  );
});
