import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { BrokerAccess, Names } from '@switchboard/kafka';
import { savePlaces } from '@switchboard/kafka/saved-places';
import { saveSchemas } from '@switchboard/kafka/saved-schemas';
import type { ObjectStore } from '@switchboard/media/store/object-store';
import { SwitchboardError } from '@switchboard/platform';
import {
  type Snapshot,
  stillKept,
  type TableShape,
  withSnapshot,
} from '@switchboard/postgres/backup/snapshot';
import { type Manifest, manifestName } from './manifest.ts';

export interface TakeBackupOptions {
  /** Of a superuser. */
  databaseUrl: string;
  registryUrl: string;
  /** Whose groups' places are noted. */
  kafka: BrokerAccess & Names;
  /** Where recordings and media lie. */
  objects: ObjectStore;
  /** Made here; must not be there yet. */
  dir: string;
  /** Goes on without files that are lost: nobody has them any more. */
  withoutLost?: boolean;
  now(): number;
  say?: (line: string) => void;
}

/**
 * Writes down what Postgres held at one moment, with the registry's schemas, recordings and media, while everything
 * goes on. Recordings and media stay sealed. A directory without `manifest.json` is a backup that was broken off.
 * @throws SwitchboardError `dir_in_use`, `not_superuser`, `files_missing`; `postgres_unavailable`, `broker_unavailable`,
 *   `registry_unavailable`, `object_store_unavailable` (retryable)
 */
export async function takeBackup(options: TakeBackupOptions): Promise<Manifest> {
  const { dir, say = () => undefined } = options;
  // Before the snapshot: what a group has finished by now is in it.
  const places = await savePlaces(options.kafka);
  await makeDir(dir);
  const manifest = await withSnapshot(options.databaseUrl, async (snapshot) => {
    const taken_at = new Date(options.now()).toISOString();
    const tables: Manifest['tables'] = [];
    for (const table of snapshot.tables) tables.push(await writeTable(dir, snapshot, table));
    const { migrations, sequences, files } = snapshot;
    return { format: 1 as const, taken_at, migrations, tables, sequences, files };
  });
  say(`${manifest.tables.length} tables`);
  // What the snapshot names is there before and after it, unless its time was over meanwhile.
  const files = await copyFiles(options, manifest.files);
  say(`${files.length} recordings and media`);
  const schemas = await saveSchemas(options.registryUrl, options.kafka.topicPrefix);
  say(`${schemas.length} schemas`);
  const whole: Manifest = {
    ...manifest,
    migrations: [...manifest.migrations],
    sequences: { ...manifest.sequences },
    places,
    schemas,
    files,
  };
  await writeFile(join(dir, `${manifestName}.new`), `${JSON.stringify(whole, null, 2)}\n`, { mode: 0o600 });
  await rename(join(dir, `${manifestName}.new`), join(dir, manifestName));
  return whole;
}

async function makeDir(dir: string): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (cause) {
    throw new SwitchboardError('dir_in_use', 'the backup’s directory can’t be made: it must be a new one', {
      cause,
    });
  }
  for (const part of ['tables', 'files']) await mkdir(join(dir, part), { mode: 0o700 });
}

async function writeTable(
  dir: string,
  snapshot: Snapshot,
  table: TableShape,
): Promise<Manifest['tables'][number]> {
  const { measured, told } = measure();
  const file = createWriteStream(tableFile(dir, table.name), { mode: 0o600 });
  await pipeline(snapshot.copyOut(table), measured, createGzip({ level: 1 }), file);
  return { name: table.name, columns: [...table.columns], ...told() };
}

/** Passes bytes on, and tells at their end how many and which they were. */
function measure() {
  const hash = createHash('sha256');
  let bytes = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { measured, told: () => ({ sha256: hash.digest('hex'), bytes }) };
}

/**
 * @returns those that were there: retention may have removed one since the snapshot
 * @throws SwitchboardError `files_missing` where one is gone that its row still names
 */
async function copyFiles(options: TakeBackupOptions, files: Snapshot['files']): Promise<Manifest['files']> {
  const { objects, dir, say = () => undefined } = options;
  const copied: Manifest['files'] = [];
  const missing: Snapshot['files'][number][] = [];
  for (const file of files) {
    const key = `${file.tenantId}/${file.id}`;
    try {
      const object = await objects.get(key);
      await mkdir(join(dir, 'files', file.tenantId), { recursive: true, mode: 0o700 });
      const { measured, told } = measure();
      await pipeline(object, measured, createWriteStream(join(dir, 'files', key), { mode: 0o600 }));
      copied.push({ ...file, sha256: told().sha256 });
    } catch (error) {
      if (!(error instanceof SwitchboardError && error.code === 'object_missing')) throw error;
      missing.push(file);
    }
  }
  const lost = missing.length === 0 ? [] : await stillKept(options.databaseUrl, missing);
  if (lost.length === 0) return copied;
  const what = `${lost.length} of ${files.length} recordings and media that Postgres names are not at RECORDINGS_URL`;
  if (!options.withoutLost)
    throw new SwitchboardError(
      'files_missing',
      `${what}: set it as the services have it. Where they are lost for good: npm run backup -- DIRECTORY --without-lost`,
    );
  say(`${what}: left out`);
  return copied;
}

export function tableFile(dir: string, name: string): string {
  return join(dir, 'tables', `${name}.copy.gz`);
}
