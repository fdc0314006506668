import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { settingsOf } from './engine-urls.ts';
import { readSettings } from './settings.ts';

const dir = mkdtempSync(join(tmpdir(), 'switchboard-settings-'));
const CA = relative('.', join(dir, 'authority.pem'));
writeFileSync(CA, '-----BEGIN CERTIFICATE-----\n');

afterAll(() => rmSync(dir, { recursive: true }));

const key = randomBytes(32).toString('base64');

test('without settings everything is embedded, and secrets are made', () => {
  const { given, givenSecrets } = readSettings({ PATH: '/bin', KAFKA_BROKERS: '', SECRETS_KEY: '' });
  expect(Object.values(given).filter(Boolean)).toEqual([]);
  expect(Object.values(givenSecrets).filter(Boolean)).toEqual([]);
});

test('a secured Kafka is known with its login, brokers apart, and its authorities wherever a service works', () => {
  const { given } = readSettings({
    KAFKA_BROKERS: ' one:9093 , two:9093',
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA: CA,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: 'switchboard',
    KAFKA_SASL_PASSWORD: 'secret',
  });
  expect(settingsOf(given)).toEqual({
    KAFKA_BROKERS: 'one:9093,two:9093',
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA: resolve(CA),
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: 'switchboard',
    KAFKA_SASL_PASSWORD: 'secret',
  });
  expect(() => readSettings({ KAFKA_BROKERS: 'a:1', KAFKA_SASL_MECHANISM: 'plain' })).toThrow(
    'KAFKA_SASL_USERNAME: must be set',
  );
});

test('a login for a Kafka that is given does not reach the embedded one', () => {
  const embedded = { kafka: { KAFKA_BROKERS: ['127.0.0.1:9092'], KAFKA_SSL: false } };
  const { inherited } = readSettings({ KAFKA_SSL: 'true', KAFKA_SASL_MECHANISM: 'plain' });
  expect({ ...inherited, ...settingsOf(embedded) }).toMatchObject({
    KAFKA_SSL: 'false',
    KAFKA_SASL_MECHANISM: '',
  });
});

test('the authorities of Postgres, ClickHouse and Node are found from another directory', () => {
  const { given, inherited } = readSettings({
    DATABASE_URL: `postgres://me:secret@db/switchboard?sslmode=verify-full&sslrootcert=${CA}`,
    CLICKHOUSE_URL: 'https://clickhouse:8443',
    CLICKHOUSE_CA: CA,
    NODE_EXTRA_CA_CERTS: CA,
  });
  expect(new URL(given.postgres ?? '').searchParams.get('sslrootcert')).toBe(resolve(CA));
  expect(given.clickhouse?.caFile).toBe(resolve(CA));
  expect(inherited.NODE_EXTRA_CA_CERTS).toBe(resolve(CA));
});

test('the analyst of a given ClickHouse is who is named, else the user that is known to exist', () => {
  const login = { CLICKHOUSE_URL: 'http://c', CLICKHOUSE_USER: 'me', CLICKHOUSE_PASSWORD: 'mine' };
  expect(readSettings(login).given.clickhouse?.analyst).toEqual({ user: 'me', password: 'mine' });
  const named = { CLICKHOUSE_ANALYST_USER: 'ana', CLICKHOUSE_ANALYST_PASSWORD: 'hers' };
  expect(readSettings({ ...login, ...named }).given.clickhouse?.analyst).toEqual({
    user: 'ana',
    password: 'hers',
  });
});

test('a directory of recordings is one place, wherever a service works; a bucket is as it was named', () => {
  expect(readSettings({ RECORDINGS_URL: 'kept/here' }).inherited.RECORDINGS_URL).toBe(resolve('kept/here'));
  for (const url of ['s3://bucket/prefix?region=x', 'file:///var/recordings', '/var/recordings']) {
    expect(readSettings({ RECORDINGS_URL: url }).inherited.RECORDINGS_URL).toBe(url);
  }
  expect(readSettings({}).inherited).not.toHaveProperty('RECORDINGS_URL');
});

test('what a key was before is known, and goes to the services too', () => {
  const { oldSecretsKeys, inherited } = readSettings({ SECRETS_OLD_KEYS: `${key}, ${key}` });
  expect(oldSecretsKeys).toEqual(Array(2).fill(Buffer.from(key, 'base64')));
  expect(inherited.SECRETS_OLD_KEYS).toBe(`${key}, ${key}`);
  expect(readSettings({}).oldSecretsKeys).toEqual([]);
});

test('keys of the environment are taken; wrong ones are named, and not repeated', () => {
  expect(readSettings({ SECRETS_KEY: key, PSEUDONYM_KEY: key }).givenSecrets).toMatchObject({
    secretsKey: key,
    pseudonymKey: key,
  });
  const wrong = () => readSettings({ SECRETS_KEY: 'too-short', VOICE_AGENT_API_KEY: 'no-key' });
  expect(wrong).toThrow(/SECRETS_KEY: must be base64[\s\S]*VOICE_AGENT_API_KEY: must be sb_/);
  expect(wrong).not.toThrow(/too-short|no-key/);
});
