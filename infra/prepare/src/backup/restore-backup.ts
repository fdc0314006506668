import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, type Readable, Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { BrokerAccess } from '@switchboard/kafka';
import { requireGroupsStopped, rewindGroups } from '@switchboard/kafka/rewind-groups';
import { restoreSchemas } from '@switchboard/kafka/saved-schemas';
import type { ObjectStore } from '@switchboard/media/store/object-store';
import { type OnStep, SwitchboardError } from '@switchboard/platform';
import { requireRestorable, restoreRows } from '@switchboard/postgres/backup/restore';
import { type Manifest, manifestName, parseManifest } from './manifest.ts';
import { tableFile } from './take-backup.ts';

export interface RestoreBackupOptions {
  /** Of a superuser; the database is migrated and holds no clinic. */
  databaseUrl: string;
  registryUrl: string;
  objects: ObjectStore;
  /** Whose groups are set back, so that what the snapshot has not is written again. */
  kafka: BrokerAccess & { groupPrefix: string };
  dir: string;
  say?: (line: string) => void;
  onStep?: OnStep<'restore-files' | 'restore-schemas' | 'restore-rewound'>;
}

/** Clocks of machines differ, and what was read before is read again without harm. */
const overlapMs = 3_600_000;

/**
 * Puts a backup into an empty installation whose services are stopped. ClickHouse is not touched: its sink finds that its
 * tables are not those Postgres remembers, and rebuilds them under a new epoch.
 * @throws SwitchboardError `not_a_backup`, `backup_damaged`, `not_empty`, `other_migrations`, `not_superuser`, `groups_in_use`; and
 *   what a store that is away throws (retryable). Whatever it throws, it may be begun again
 */
export async function restoreBackup(options: RestoreBackupOptions): Promise<Manifest> {
  const { dir, objects, say = () => undefined, onStep } = options;
  const manifest = parseManifest(await readManifest(dir));
  const { migrations, sequences, places } = manifest;
  const tables = manifest.tables.map(({ name, columns }) => ({ name, columns }));
  // All that refuses comes before anything is written: it may be somebody's living installation.
  await requireRestorable({ url: options.databaseUrl, migrations, tables });
  await requireGroupsStopped(options.kafka);
  for (const { name } of tables) await finished(readTable(dir, manifest, name).resume());
  const files = manifest.files.map(({ tenantId, id, sha256 }) => ({ key: `${tenantId}/${id}`, sha256 }));
  for (const { key, sha256 } of files) await finished(readObject(dir, key, sha256).resume());
  for (const { key, sha256 } of files) await objects.put(key, readObject(dir, key, sha256));
  say(`${manifest.files.length} recordings and media`);
  await onStep?.('restore-files');
  const others = await restoreSchemas(options.registryUrl, manifest.schemas);
  say(`${manifest.schemas.length} schemas`);
  if (others.length > 0)
    say(`${others.length} schemas have another id here: older messages and dead letters can't be read`);
  await onStep?.('restore-schemas');
  const to = Date.parse(manifest.taken_at) - overlapMs;
  const { rows, unsent } = await restoreRows({
    url: options.databaseUrl,
    migrations,
    sequences,
    tables,
    rowsOf: ({ name }) => readTable(dir, manifest, name),
    // Before the rows: a restore that has failed until then can be begun again.
    prepare: async () => {
      const rewound = await rewindGroups({ ...options.kafka, to, places });
      say(`${rewound} partitions of Kafka are read again, from an hour before the backup or earlier`);
      await onStep?.('restore-rewound');
    },
  });
  say(
    `${Object.values(rows).reduce((sum, count) => sum + count, 0)} rows of ${manifest.tables.length} tables`,
  );
  say(`${unsent} messages were still to be sent: they are shown as unknown, since they may have gone out`);
  say('all sessions are ended: everybody logs in again');
  say(
    'look at API keys, webhook secrets, accounts, passwords, erased patients and opt-outs: what was revoked, changed or erased since the backup is as before',
  );
  return manifest;
}

async function readManifest(dir: string): Promise<string> {
  try {
    return await readFile(join(dir, manifestName), 'utf8');
  } catch (cause) {
    throw new SwitchboardError('not_a_backup', 'there is no manifest.json: the backup was broken off', {
      cause,
    });
  }
}

/** A table's rows, which fail at their end if they are not those that were written. */
function readTable(dir: string, { tables }: Manifest, name: string): Transform {
  const checked = check(tables.find((table) => table.name === name)?.sha256, `the rows of ${name}`);
  const unzipped = createGunzip();
  createReadStream(tableFile(dir, name))
    .on('error', (error) => checked.destroy(error))
    .pipe(unzipped)
    .on('error', () => checked.destroy(damaged(`the rows of ${name}`)))
    .pipe(checked);
  return checked;
}

/** A recording's sealed bytes, likewise. Older backups have no sum of them. */
function readObject(dir: string, key: string, sha256: string | undefined): Readable {
  const file = createReadStream(join(dir, 'files', key));
  if (sha256 === undefined) return file;
  // What breaks the first breaks the last, whose reader is told.
  return pipeline(file, check(sha256, `the bytes of the recording ${key}`), () => undefined);
}

/** Passes bytes on, and fails at their end if they are others. */
function check(sha256: string | undefined, what: string): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(hash.digest('hex') === sha256 ? null : damaged(what));
    },
  });
}

function damaged(what: string): SwitchboardError {
  return new SwitchboardError('backup_damaged', `${what} are not those that were written`);
}
