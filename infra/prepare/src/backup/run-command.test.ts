import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { backupSettings } from './run-command.ts';

const stack = mkdtempSync(join(tmpdir(), 'switchboard-stack-'));
afterAll(() => rmSync(stack, { recursive: true }));
writeFileSync(
  join(stack, 'demo.json'),
  JSON.stringify({ kafka: 'k:1', schema_registry: 'http://r', postgres: 'postgres://a:b@p/d' }),
);

test('recordings of the running stack lie beside its data, or where the environment says', () => {
  expect(backupSettings(stack, {})).toMatchObject({
    DATABASE_URL: 'postgres://a:b@p/d',
    KAFKA_BROKERS: ['k:1'],
    RECORDINGS_URL: join(stack, 'recordings'),
  });
  const bucket = {
    RECORDINGS_URL: 's3://bucket/x',
    AWS_ACCESS_KEY_ID: 'me',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  expect(backupSettings(stack, bucket)).toMatchObject({ ...bucket, DATABASE_URL: 'postgres://a:b@p/d' });
});

test('an installation that is named is taken as it is named', () => {
  const named = { DATABASE_URL: 'postgres://e:f@g/h', KAFKA_BROKERS: 'm:1', SCHEMA_REGISTRY_URL: 'http://n' };
  expect(backupSettings(stack, { ...named, RECORDINGS_URL: '/kept' })).toMatchObject({
    DATABASE_URL: named.DATABASE_URL,
    RECORDINGS_URL: '/kept',
  });
});
