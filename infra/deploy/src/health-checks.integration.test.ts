import { execFile } from 'node:child_process';
import { freePort } from '@switchboard/embedded';
import { expect, inject, it } from 'vitest';
import { readCompose } from './compose.ts';
import { readProjectFile } from './project-root.ts';

const { services } = readCompose(readProjectFile('docker-compose.yml'));

/** The exit code of the check of the registry that docker-compose.yml has, asking that address. */
function check(address: URL | string): Promise<number> {
  const [, program = '', ...args] = services['schema-registry']?.healthcheck?.test ?? [];
  const { hostname, port } = new URL(address);
  const asked = args.map((arg) =>
    arg.replaceAll('$$', '$').replace('/127.0.0.1/8080', `/${hostname}/${port}`),
  );
  return new Promise((resolve) => {
    const child = execFile(program, asked, () => resolve(child.exitCode ?? -1));
  });
}

it('the health check of the schema registry tells one that is ready from none, and from what is none', async () => {
  const { schemaRegistry, clickhouse } = inject('engines');
  expect(await check(schemaRegistry)).toBe(0);
  expect(await check(clickhouse.url)).toBeGreaterThan(0);
  expect(await check(`http://127.0.0.1:${await freePort()}`)).toBeGreaterThan(0);
});
