import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecrets } from './secrets.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-secrets-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

test('are made once, for this user alone, and stay the same', async () => {
  const made = await loadSecrets(dir);
  expect((await stat(join(dir, 'secrets.json'))).mode & 0o777).toBe(0o600);
  expect(await loadSecrets(dir)).toEqual(made);
});

test('have the shapes that services ask for', async () => {
  const secrets = await loadSecrets(dir);
  expect(Buffer.from(secrets.secretsKey, 'base64')).toHaveLength(32);
  expect(Buffer.from(secrets.pseudonymKey, 'base64')).toHaveLength(32);
  expect(Buffer.from(secrets.webhookSecret.replace('whsec_', ''), 'base64')).toHaveLength(32);
  expect(secrets.apiKey).toMatch(/^sb_[a-z0-9]{8,32}_[0-9a-f]{64}$/);
});

test('one that a newer version asks for is added to those that are there', async () => {
  const { twilioAuthToken, ...older } = await loadSecrets(dir);
  await writeFile(join(dir, 'secrets.json'), JSON.stringify(older));
  const now = await loadSecrets(dir);
  expect(now).toMatchObject(older);
  expect(now.twilioAuthToken).not.toBe(twilioAuthToken);
  expect(JSON.parse(await readFile(join(dir, 'secrets.json'), 'utf8'))).toEqual(now);
});

test('those that are given win, and are not kept here', async () => {
  const secretsKey = randomBytes(32).toString('base64');
  const first = await loadSecrets(dir, { secretsKey, pseudonymKey: undefined });
  expect(first.secretsKey).toBe(secretsKey);
  expect(JSON.parse(await readFile(join(dir, 'secrets.json'), 'utf8'))).not.toHaveProperty('secretsKey');
  const later = await loadSecrets(dir);
  expect(later.secretsKey).not.toBe(secretsKey);
  expect(later.pseudonymKey).toBe(first.pseudonymKey);
  expect((await loadSecrets(dir, { secretsKey })).secretsKey).toBe(secretsKey);
  expect(await loadSecrets(dir)).toEqual(later);
});

test('that cannot be read are not made anew over those that are there', async () => {
  const file = join(dir, 'secrets.json');
  await mkdir(file);
  await expect(loadSecrets(dir)).rejects.toMatchObject({ code: 'EISDIR' });
  await rm(file, { recursive: true });
  await writeFile(file, '{"secretsKey":"c2VjcmV0');
  const refused = await loadSecrets(dir).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'other_keys' });
  expect(String(refused)).not.toContain('c2VjcmV0');
  expect(await readFile(file, 'utf8')).toBe('{"secretsKey":"c2VjcmV0');
});
