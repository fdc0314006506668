import { nodeFlags } from '@switchboard/start/services';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { readProjectFile } from './project-root.ts';
import { describeImage } from './testing/docker-image.ts';

const image = describeImage();
const complaints = (text: string) =>
  validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`);

describe('Dockerfile', () => {
  it('has nothing that its linter complains of', () => {
    const text = readProjectFile('Dockerfile');
    expect(complaints(text)).toEqual([]);
    expect(complaints(text.replace('--interval=', '--intervall='))).not.toEqual([]);
  });

  it('stands on the Node that tests run on, to the patch', () => {
    const { dependencies } = JSON.parse(readProjectFile('package.json'));
    expect(image.bases.length).toBeGreaterThan(1);
    for (const base of image.bases) expect(base).toBe(`node:${dependencies.node}-bookworm-slim`);
  });

  it('runs as a user without rights, named by number so that Kubernetes can tell', () => {
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('installs by the lock, without scripts and without what only tests need', () => {
    expect(image.installs).toHaveLength(1);
    for (const flag of ['npm ci', '--omit=dev', '--ignore-scripts'])
      expect(image.installs[0]).toContain(flag);
  });

  it('starts programs and its health check without a shell, and not as the first process, whom no signal ends', () => {
    expect(image.entrypoint).toEqual(['tini', '--', 'node', ...nodeFlags]);
    expect(image.command).toHaveLength(1);
    expect(image.healthcheck[0]).toBe('node');
  });
});
