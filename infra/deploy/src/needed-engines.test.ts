import { loadConfig } from '@switchboard/platform';
import { choose, type EngineName } from '@switchboard/start/chosen';
import type { EngineAccess } from '@switchboard/start/engine-urls';
import { defaultPorts } from '@switchboard/start/ports';
import { makeSecrets } from '@switchboard/start/secrets';
import { type ServiceName, serviceNames, serviceProcess } from '@switchboard/start/services';
import { expect, test } from 'vitest';
import { programs } from './settings.ts';

const user = { user: 'u', password: 'p' };
const all: { [Name in EngineName]: Partial<EngineAccess> } = {
  kafka: { kafka: { KAFKA_BROKERS: ['broker:9092'], KAFKA_SSL: false } },
  'schema-registry': { schemaRegistry: 'http://registry/apis/ccompat/v7' },
  postgres: { postgres: 'postgres://u:p@db/switchboard' },
  clickhouse: { clickhouse: { url: 'http://facts:8123', ...user, analyst: user } },
};
const names = Object.keys(all) as EngineName[];

/** Whether a service's settings are whole when only these engines are there. */
function isToldEnough(service: ServiceName, engines: readonly EngineName[]): boolean {
  const { env = {} } = serviceProcess(service, {
    dir: '/data',
    ports: defaultPorts,
    secrets: makeSecrets(),
    engines: Object.assign({}, ...engines.map((name) => all[name])),
    tenantId: '00000000-0000-4000-8000-000000000001',
    inherited: {},
    env: {},
    serviceEnv: {},
  });
  const shape = programs.find(({ name }) => name === service)?.shape ?? {};
  try {
    loadConfig(shape, env);
    return true;
  } catch {
    return false;
  }
}

const isChosen = (service: ServiceName, engines: readonly EngineName[]): boolean => {
  try {
    return choose([service, ...engines]).services.includes(service);
  } catch {
    return false;
  }
};

test.each(serviceNames)(
  '%s is started with all engines that its settings ask for, and with no fewer',
  (service) => {
    expect(isToldEnough(service, names)).toBe(true);
    for (const left of names) {
      const others = names.filter((name) => name !== left);
      if (isChosen(service, others)) expect([left, isToldEnough(service, others)]).toEqual([left, true]);
    }
  },
);
