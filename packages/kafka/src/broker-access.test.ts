import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerShape, loadConfig } from '@switchboard/platform';
import { expect, test } from 'vitest';
import { brokerAccess } from './broker-access.ts';

const base = { KAFKA_BROKERS: 'a:1,b:2', SCHEMA_REGISTRY_URL: 'http://registry' };
const accessBy = (env: NodeJS.ProcessEnv) => brokerAccess(loadConfig(brokerShape, { ...base, ...env }));

test('without settings there is neither TLS nor a login', () => {
  expect(accessBy({})).toEqual({ brokers: ['a:1', 'b:2'] });
});

test('TLS trusts the well-known authorities, or those of a file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-access-'));
  const file = join(dir, 'ca.pem');
  await writeFile(file, '-----BEGIN CERTIFICATE-----\nof a test\n');
  expect(accessBy({ KAFKA_SSL: 'true' }).tls).toEqual({});
  expect(accessBy({ KAFKA_SSL: 'true', KAFKA_SSL_CA: file }).tls).toEqual({
    ca: '-----BEGIN CERTIFICATE-----\nof a test\n',
  });
  await rm(dir, { recursive: true });
});

test('a login needs a name and a password, and what is wrong names no value', () => {
  const login = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'ann' };
  expect(() => accessBy(login)).toThrow('KAFKA_SASL_PASSWORD: must be set with KAFKA_SASL_MECHANISM');
  expect(() => accessBy({ KAFKA_SASL_MECHANISM: 'plain' })).toThrow('KAFKA_SASL_USERNAME');
  expect(accessBy({ ...login, KAFKA_SASL_PASSWORD: 'hunter2' }).sasl).toEqual({
    mechanism: 'scram-sha-512',
    username: 'ann',
    password: 'hunter2',
  });
});
