import { timingSafeEqual } from 'node:crypto';
import { StartError } from '@switchboard/embedded';
import { createSealer } from '@switchboard/platform';
import { createPool, type Queryable } from '@switchboard/postgres';
import { fingerprintOf, readFingerprints } from '@switchboard/postgres/tenancy/key-fingerprints';
import type { Secrets } from './secrets.ts';

export interface Keys extends Pick<Secrets, 'secretsKey' | 'pseudonymKey'> {
  /** What the secrets' key was before: a database that was set up with one of them is ours too. */
  oldSecretsKeys?: readonly Buffer[];
}

/**
 * Finds out whether a database was made with these keys, before anything in it is changed.
 *
 * @param adminUrl of a superuser, whom row-level security does not bind.
 * @throws StartError `other_keys`
 */
export async function checkKeys(adminUrl: string, keys: Keys): Promise<void> {
  await withPool(adminUrl, async (db) => {
    const known = await readFingerprints(db);
    for (const { name, key, old } of namedKeys(keys)) {
      const fingerprint = known.get(name);
      const isOurs = [key, ...old].some(
        (one) => fingerprint && timingSafeEqual(fingerprint, fingerprintOf(name, one)),
      );
      if (fingerprint && !isOurs) throw otherKeys(name);
    }
    if (!known.has('SECRETS_KEY') && !(await opensWhatIsThere(db, keys))) throw otherKeys('SECRETS_KEY');
  });
}

/**
 * Notes, in a migrated database, the keys that its data is made with from now on. What was noted before stays, unless it is
 * what the key was before.
 */
export async function noteKeys(adminUrl: string, keys: Keys): Promise<void> {
  await withPool(adminUrl, async (db) => {
    for (const { name, key, old } of namedKeys(keys)) {
      await db.query(
        `INSERT INTO key_fingerprints AS k (name, fingerprint) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint WHERE k.fingerprint = ANY ($3)`,
        [name, fingerprintOf(name, key), old.map((one) => fingerprintOf(name, one))],
      );
    }
  });
  // Another start may have been first.
  await checkKeys(adminUrl, keys);
}

function namedKeys({ secretsKey, pseudonymKey, oldSecretsKeys = [] }: Keys) {
  return [
    { name: 'SECRETS_KEY', key: Buffer.from(secretsKey, 'base64'), old: oldSecretsKeys },
    { name: 'PSEUDONYM_KEY', key: Buffer.from(pseudonymKey, 'base64'), old: [] },
  ];
}

/** A database that services of another installation have written tells by what is sealed in it. */
async function opensWhatIsThere(db: Queryable, { secretsKey, oldSecretsKeys }: Keys): Promise<boolean> {
  const sealer = createSealer(Buffer.from(secretsKey, 'base64'), oldSecretsKeys);
  for (const table of ['tenant_webhook_secrets', 'dead_letters']) {
    if (!(await isThere(db, table))) continue;
    // A dead letter's original may have been removed.
    const { rows } = await db.query<{ sealed: Buffer }>(
      `SELECT sealed FROM ${table} WHERE octet_length(sealed) > 0 ORDER BY created_at LIMIT 1`,
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
    `The database was set up with another ${name}: what is kept in it could not be used with this one. Nothing in it was changed. Set SECRETS_KEY and PSEUDONYM_KEY to the keys it was set up with (as in the secrets.json of that clone, or the .env of that installation), or name an empty database in DATABASE_URL. A SECRETS_KEY that was changed needs the one before as SECRETS_OLD_KEYS.`,
  );
}
