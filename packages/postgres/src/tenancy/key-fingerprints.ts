import { createHmac } from 'node:crypto';
import type { Queryable } from '../pool.ts';

/** What tells of a key whether it is another one, and nothing else of it. @param name of its setting */
export function fingerprintOf(name: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(`switchboard key fingerprint: ${name}`).digest();
}

/** Of the keys that a database was set up with, by the names of their settings; none where none was noted. */
export async function readFingerprints(db: Queryable): Promise<Map<string, Buffer>> {
  const { rows: there } = await db.query<{ there: boolean }>(
    `SELECT to_regclass('public.key_fingerprints') IS NOT NULL AS there`,
  );
  if (!there[0]?.there) return new Map();
  const { rows } = await db.query<{ name: string; fingerprint: Buffer }>(
    'SELECT name, fingerprint FROM key_fingerprints',
  );
  return new Map(rows.map(({ name, fingerprint }) => [name, fingerprint]));
}
