import { expect, it } from 'vitest';
import { reachedThrough } from './reached-through.ts';

const engines = {
  kafka: { KAFKA_BROKERS: ['127.0.0.1:9092'], KAFKA_SSL: false },
  schemaRegistry: 'http://127.0.0.1:8081/apis/ccompat/v7',
  postgres: 'postgres://postgres:pw@127.0.0.1:5432/switchboard',
  clickhouse: {
    url: 'http://127.0.0.1:8123',
    user: 'switchboard',
    password: 'pw',
    analyst: { user: 'analyst', password: 'pw' },
  },
};

it('leaves every engine where it is unless told', () => {
  expect(reachedThrough(engines)).toEqual(engines);
  expect(reachedThrough({})).toEqual({});
});

it('changes the port alone of what is reached elsewhere', () => {
  const moved = reachedThrough(engines, { kafka: 1, 'schema-registry': 2, postgres: 3, clickhouse: 4 });
  expect(moved).toMatchObject({
    kafka: { KAFKA_BROKERS: ['127.0.0.1:1'] },
    schemaRegistry: 'http://127.0.0.1:2/apis/ccompat/v7',
    postgres: 'postgres://postgres:pw@127.0.0.1:3/switchboard',
    clickhouse: { user: 'switchboard', password: 'pw' },
  });
  expect(new URL(moved.clickhouse?.url ?? '').port).toBe('4');
});
