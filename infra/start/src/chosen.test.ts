import { expect, test } from 'vitest';
import { choose, engineNames, readNames } from './chosen.ts';
import { serviceNames } from './services.ts';

test('without a word everything is started', () => {
  const { engines, services, used } = choose();
  expect(engines).toEqual(engineNames);
  expect(services).toEqual(serviceNames);
  expect([...used].sort()).toEqual([...engineNames].sort());
});

test('an engine that is given is used and not started', () => {
  const { engines, used } = choose(undefined, {
    kafka: { KAFKA_BROKERS: ['broker:9092'], KAFKA_SSL: false },
  });
  expect(engines).toEqual(['schema-registry', 'postgres', 'clickhouse']);
  expect(used.has('kafka')).toBe(true);
});

test('some may be named, in any order', () => {
  const { engines, services } = choose(readNames('api, clickhouse,postgres'));
  expect(engines).toEqual(['postgres', 'clickhouse']);
  expect(services).toEqual(['api']);
});

test('a given engine that nothing named needs is let alone', () => {
  expect([...choose(['kafka'], { postgres: 'postgres://elsewhere/db' }).used]).toEqual(['kafka']);
  expect([...choose(['api', 'clickhouse'], { postgres: 'postgres://elsewhere/db' }).used]).toContain(
    'postgres',
  );
});

test('what a service needs must be named or given', () => {
  expect(() => choose(['ingest', 'kafka'])).toThrow(
    'ingest needs schema-registry, postgres: name them after --only too, or set SCHEMA_REGISTRY_URL, DATABASE_URL.',
  );
  expect(() => choose(['schema-registry'])).toThrow(
    'schema-registry needs postgres: name it after --only too',
  );
  expect(() => readNames('kafka,zookeeper')).toThrow(
    'there is no zookeeper; --only takes some of ingest, api',
  );
});
