import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { programs } from './settings.ts';
import { checkImage } from './testing/check-image.ts';
import { copyImageFiles, describeImage, linkModules } from './testing/docker-image.ts';
import { imageServices } from './testing/image-services.ts';

/** The image's working directory, made of what the Dockerfile copies; modules are those of this checkout. */
let image: string;
beforeAll(async () => {
  image = join(await mkdtemp(join(tmpdir(), 'switchboard-image-')), 'app');
  await copyImageFiles(image);
  await linkModules(image);
});
afterAll(() => rm(join(image, '..'), { recursive: true, force: true }));

describe('the image', () => {
  it('has every program, its health check and what it starts by itself', () => {
    const [, check = ''] = describeImage().healthcheck;
    const [first = ''] = describeImage().command;
    for (const file of [check, first, ...programs.map(({ main }) => main)]) {
      expect(existsSync(join(image, file)), file).toBe(true);
    }
  });

  it('has no test, no engine, no launcher, and nothing of this machine', async () => {
    const files = await readdir(image, { recursive: true });
    const own = files.filter((file) => !file.includes('node_modules'));
    expect(
      own.filter((file) => /\.test\.ts$|testing|testkit|embedded|infra\/start|\.env|\.git|\.log$/.test(file)),
    ).toEqual([]);
  });

  it('prepares stores and runs each service from its own files alone; the health check tells life from death', async () => {
    const { prepared, services } = await checkImage(image, inject('engines'), imageServices);
    expect(prepared).toMatchObject({ code: 0 });
    const alive = { healthy: 0, afterwards: 1 };
    expect(services).toEqual(Object.fromEntries(imageServices.map(({ name }) => [name, alive])));
  });
});
