import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { chooseEngines, dockerAnswers } from './choose-engines.ts';

const yes = async () => true;
const no = async () => false;
const patienceMs = 10_000;

describe('chooseEngines', () => {
  it('takes containers where Docker answers, and embedded engines elsewhere', async () => {
    expect(await chooseEngines(undefined, yes)).toBe('containers');
    expect(await chooseEngines('', yes)).toBe('containers');
    expect(await chooseEngines(undefined, no)).toBe('embedded');
  });

  it('does as it is told, and asks no daemon for embedded engines', async () => {
    expect(await chooseEngines('containers', yes)).toBe('containers');
    const asked = () => Promise.reject(new Error('asked'));
    expect(await chooseEngines('embedded', asked)).toBe('embedded');
  });

  it('says so when it cannot', async () => {
    await expect(chooseEngines('containers', no)).rejects.toThrow('no Docker daemon answers');
    await expect(chooseEngines('podman', yes)).rejects.toThrow('SWITCHBOARD_TEST_STACK: must be');
  });
});

describe('dockerAnswers', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** A server on a socket like Docker's. */
  async function daemon(status: number | 'never'): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'switchboard-docker-'));
    const server = createServer((request, response) => {
      if (status !== 'never') response.writeHead(request.url === '/_ping' ? status : 404).end('OK');
    });
    await new Promise<void>((resolve) => {
      server.listen(join(dir, 'docker.sock'), resolve);
    });
    closing.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true });
    });
    return `unix://${join(dir, 'docker.sock')}`;
  }

  it('hears a daemon that is there', async () => {
    expect(await dockerAnswers(await daemon(200), patienceMs)).toBe(true);
  });

  it('hears none that is broken, silent, or not there', async () => {
    expect(await dockerAnswers(await daemon(500), patienceMs)).toBe(false);
    expect(await dockerAnswers(await daemon('never'), 200)).toBe(false);
    expect(await dockerAnswers('unix:///nowhere/docker.sock')).toBe(false);
    expect(await dockerAnswers('tcp://127.0.0.1:1')).toBe(false);
    expect(await dockerAnswers('nonsense')).toBe(false);
  });
});
