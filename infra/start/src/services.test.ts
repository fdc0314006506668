import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultPorts } from './ports.ts';
import { makeSecrets } from './secrets.ts';
import { serviceProcess } from './services.ts';

test.each([
  [{}, join('/data', 'recordings')],
  [{ RECORDINGS_URL: '' }, join('/data', 'recordings')],
  [{ RECORDINGS_URL: 's3://bucket/prefix' }, 's3://bucket/prefix'],
])('with %j recordings are kept in %s', (inherited, place) => {
  for (const name of ['api', 'jobs'] as const) {
    const { env } = serviceProcess(name, {
      dir: '/data',
      ports: defaultPorts,
      secrets: makeSecrets(),
      engines: {},
      tenantId: '',
      inherited,
      env: {},
      serviceEnv: {},
    });
    expect(env.RECORDINGS_URL).toBe(place);
  }
});
