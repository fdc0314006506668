import { timingSafeEqual } from 'node:crypto';
import { StartError } from '@switchboard/embedded';
import { createSealer } from '@switchboard/platform';
import { createPool, type Queryable } from '@switchboard/postgres';
import { fingerprintOf, readFingerprints } from '@switchboard/postgres/tenancy/key-fingerprints';
import type { Secrets } from './secrets.ts';

type Keys = Pick<Secrets, 'secretsKey' | 'pseudonymKey'>;

/**
 * Finds out whether a database was made with these keys, before anything in it is changed.
 *
 * @param adminUrl of a superuser, whom row-level security does not bind.
 * @throws StartError `other_keys`
 */
export async function checkKeys(adminUrl: string, keys: Keys): Promise<void> {
  await withPool(adminUrl, async (db) => {
    const known = await readFingerprints(db);
    for (const [name, key] of namedKeys(keys)) {
      const fingerprint = known.get(name);
      if (fingerprint && !timingSafeEqual(fingerprint, fingerprintOf(name, key))) throw otherKeys(name);
    }
    if (!known.has('SECRETS_KEY') && !(await opensWhatIsThere(db, keys))) throw otherKeys('SECRETS_KEY');
  });
}

/** Notes, in a migrated database, the keys that its data is made with from now on; what was noted before stays. */
export async function noteKeys(adminUrl: string, keys: Keys): Promise<void> {
  await withPool(adminUrl, async (db) => {
    for (const [name, key] of namedKeys(keys)) {
      await db.query(
        'INSERT INTO key_fingerprints (name, fingerprint) VALUES ($1, $2) ON CONFLICT DO NOTHING',
        [name, fingerprintOf(name, key)],
      );
    }
  });
  // Another start may have been first.
  await checkKeys(adminUrl, keys);
}

function namedKeys({ secretsKey, pseudonymKey }: Keys): [string, Buffer][] {
  return [
    ['SECRETS_KEY', Buffer.from(secretsKey, 'base64')],
    ['PSEUDONYM_KEY', Buffer.from(pseudonymKey, 'base64')],
  ];
}

/** A database that services of another installation have written tells by what is sealed in it. */
async function opensWhatIsThere(db: Queryable, { secretsKey }: Keys): Promise<boolean> {
  const sealer = createSealer(Buffer.from(secretsKey, 'base64'));
  for (const table of ['tenant_webhook_secrets', 'dead_letters']) {
    if (!(await isThere(db, table))) continue;
    const { rows } = await db.query<{ sealed: Buffer }>(
      `SELECT sealed FROM ${table} ORDER BY created_at LIMIT 1`,
    );
    try {
      for (const { sealed } of rows) sealer.open(sealed);
    } catch {
      return false;
    }
  }
  return true;
}

async function isThere(db: Queryable, table: string): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    `public.${table}`,
  ]);
  return rows[0]?.there ?? false;
}

async function withPool(adminUrl: string, work: (db: Queryable) => Promise<void>): Promise<void> {
  const pool = createPool({ url: adminUrl, applicationName: 'switchboard-keys', max: 1 });
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
}

function otherKeys(name: string): StartError {
  return new StartError(
    'other_keys',
    `The database was set up with another ${name}: what is kept in it could not be used with this one. Nothing in it was changed. Set SECRETS_KEY and PSEUDONYM_KEY to the keys it was set up with (as in the secrets.json of that clone, or the .env of that installation), or name an empty database in DATABASE_URL.`,
  );
}
