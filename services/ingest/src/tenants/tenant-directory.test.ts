import { createLogger, createSealer, sleep } from '@switchboard/platform';
import { afterEach, describe, expect, it } from 'vitest';
import { createSigningSecret } from '../signatures/secrets.ts';
import { createLoadTenants } from './load-tenants.ts';
import { createTenantDirectory, type Tenant, type TenantDirectory } from './tenant-directory.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const id = '0190a0a0-0000-7000-8000-000000000001';
const stops: TenantDirectory[] = [];
afterEach(async () => {
  for (const directory of stops.splice(0)) await directory.stop();
});

function tenant(overrides: Partial<Tenant> = {}): Tenant {
  const secrets = [{ ...createSigningSecret('s1', 'first-secret'), notAfter: null }];
  const webhookModes = new Set(['zoice']);
  return {
    id,
    slug: 'asha',
    active: true,
    webhookModes,
    secrets,
    twilioSecrets: [],
    numbers: [],
    apiKeys: [],
    quotas: {},
    ...overrides,
  };
}

function directoryOf(load: () => Promise<Tenant[]>, now = () => 0): TenantDirectory {
  const directory = createTenantDirectory({
    load,
    defaultTenantId: id.toUpperCase(),
    defaultSecret: createSigningSecret('default', 'default-secret'),
    refreshMs: 10,
    logger,
    now,
  });
  stops.push(directory);
  directory.start();
  return directory;
}

const loaded = async (directory: TenantDirectory) => {
  while (!directory.isLoaded()) await sleep(1);
};

describe('createTenantDirectory', () => {
  it('finds a tenant by id, by slug and as the default, which has a secret more', async () => {
    const directory = directoryOf(async () => [
      tenant(),
      tenant({ id: '0190a0a0-0000-7000-8000-000000000002', slug: 'other' }),
    ]);
    await loaded(directory);
    const names = ['ASHA', id, undefined].map((name) => directory.find(name)?.id);
    expect(names).toEqual([id, id, id]);
    expect(directory.find('asha')?.secrets.map((secret) => secret.id)).toEqual(['s1', 'default']);
    expect(directory.find('other')?.secrets.map((secret) => secret.id)).toEqual(['s1']);
    expect(directory.secretSlots()).toBe(2);
    for (const name of ['', 'nobody', '__proto__', 'constructor'])
      expect(directory.find(name)?.id).toBeUndefined();
  });

  it('lets no slug stand for the id of another tenant', async () => {
    const directory = directoryOf(async () => [tenant(), tenant({ id: 'b', slug: id })]);
    await loaded(directory);
    expect(directory.find(id)?.slug).toBe('asha');
  });

  it('is not loaded until a first load, then keeps the last known while the store is away', async () => {
    let answer: () => Promise<Tenant[]> = () => Promise.reject(new Error('away'));
    let loads = 0;
    const directory = directoryOf(() => {
      loads += 1;
      return answer();
    });
    while (loads < 3) await sleep(1);
    expect([directory.isLoaded(), directory.find('asha'), directory.ageMs()]).toEqual([
      false,
      undefined,
      undefined,
    ]);
    answer = async () => [tenant()];
    await loaded(directory);
    answer = () => Promise.reject(new Error('away'));
    const before = loads;
    while (loads < before + 2) await sleep(1);
    expect(directory.find('asha')?.id).toBe(id);
  });

  it('drops a rotated secret when its overlap is over', async () => {
    let at = 1_000;
    const secrets = [
      { ...createSigningSecret('old', 'old-secret'), notAfter: 2_000 },
      { ...createSigningSecret('new', 'new-secret'), notAfter: null },
    ];
    const directory = directoryOf(
      async () => [tenant({ id: 'b', secrets })],
      () => at,
    );
    await loaded(directory);
    expect(directory.find('b')?.secrets.map((secret) => secret.id)).toEqual(['old', 'new']);
    at = 2_000;
    expect(directory.find('b')?.secrets.map((secret) => secret.id)).toEqual(['new']);
  });
});

describe('keys', () => {
  const key = {
    keyId: 'a1b2c3d4',
    secretHash: Buffer.alloc(32, 1),
    scopes: new Set<string>(),
    notAfter: null,
  };

  it('are found by their id with their tenant, until a refresh no longer has them', async () => {
    let apiKeys = [key];
    const directory = directoryOf(async () => [tenant({ apiKeys })]);
    await loaded(directory);
    expect(directory.findKey('a1b2c3d4')).toMatchObject({ key, tenant: { slug: 'asha' } });
    for (const name of ['', 'b1b2c3d4', '__proto__']) expect(directory.findKey(name)).toBeUndefined();
    apiKeys = [];
    while (directory.findKey('a1b2c3d4')) await sleep(1);
    expect(directory.find('asha')?.id).toBe(id);
  });

  it('stay while the store is away, but not past their own end', async () => {
    let at = 1_000;
    let loads = 0;
    const directory = directoryOf(
      async () => {
        loads += 1;
        if (loads > 1) throw new Error('away');
        return [tenant({ apiKeys: [{ ...key, notAfter: 2_000 }] })];
      },
      () => at,
    );
    while (loads < 3) await sleep(1);
    expect(directory.findKey('a1b2c3d4')?.key.keyId).toBe('a1b2c3d4');
    at = 2_000;
    expect(directory.findKey('a1b2c3d4')).toBeUndefined();
  });
});

describe('createLoadTenants', () => {
  it('unseals secrets and leaves out the one that it cannot', async () => {
    const sealer = createSealer(Buffer.alloc(32, 1));
    const other = createSealer(Buffer.alloc(32, 2));
    const seal = (by: typeof sealer, text: string) => by.seal(Buffer.from(text));
    const load = createLoadTenants({
      sealer,
      logger,
      reader: {
        read: async () => [
          {
            tenantId: id,
            slug: 'asha',
            status: 'suspended',
            webhookModes: ['standard'],
            secrets: [
              { id: 'good', sealed: seal(sealer, 'first-secret'), notAfter: 5 },
              { id: 'bad', sealed: seal(other, 'second-secret'), notAfter: null },
            ],
            twilioSecrets: [],
            numbers: [],
            apiKeys: [
              { keyId: 'a1b2c3d4', secretHash: Buffer.alloc(32), scopes: ['events:write'], notAfter: null },
            ],
            country: 'IN',
            timeZone: 'Asia/Kolkata',
            quotas: { events: null, records: null },
          },
        ],
      },
    });
    const [only] = await load();
    expect(only).toMatchObject({ id, active: false, secrets: [{ id: 'good', notAfter: 5 }] });
    expect(only?.apiKeys[0]).toMatchObject({ keyId: 'a1b2c3d4', scopes: new Set(['events:write']) });
    expect(only?.secrets[0]?.textKey.export().toString()).toBe('first-secret');
  });
});
