import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { mediaStoreShape } from '@switchboard/media/config';
import { createFileStore, type FileStore } from '@switchboard/media/file-store';
import { createLogger, createMetrics, loadConfig } from '@switchboard/platform';
import type { Rounds } from '@switchboard/platform/rounds';
import { type Pool, withTenant } from '@switchboard/postgres';
import type { FileVariant } from '@switchboard/postgres/media/files';
import { findMessageMedia, findRecording } from '@switchboard/postgres/media/find-files';
import type { TestDatabase } from '@switchboard/testkit/database';
import { type MediaWorkerOptions, startMediaWorker } from '../media/worker.ts';

/** A clinic with calls and messages whose sound and pictures are still with vendors. */
export interface MediaClinic {
  tenantId: string;
  run<R extends Record<string, unknown>>(sql: string, values?: unknown[]): Promise<R[]>;
  /** @returns the call's id */
  addRecording(url: string | null, told?: { sha256?: string; beganAt?: Date }): Promise<string>;
  /** @returns the message's id */
  addMedia(url: string, declaredType: string | null): Promise<string>;
  recording(callId: string): ReturnType<typeof findRecording>;
  media(messageId: string, variant?: FileVariant): ReturnType<typeof findMessageMedia>;
  /** The bytes of a file that was found. */
  bytes(found: Awaited<ReturnType<typeof findRecording>>): Promise<Buffer>;
  /** Files that have a row. */
  files(): Promise<{ id: string; state: string; variant: string }[]>;
}

export interface MediaStand {
  /** Where the objects lie. */
  root: string;
  files: FileStore;
  /** Names of the objects of a clinic. */
  objects(tenantId: string): Promise<string[]>;
  addClinic(hosts?: readonly string[]): Promise<MediaClinic>;
  /** Works until it is stopped. */
  work(options?: Partial<MediaWorkerOptions>): Rounds;
  log: string[];
  remove(): Promise<void>;
}

export const masterKey = randomBytes(32);

export async function makeMediaStand(database: TestDatabase, sink: Pool): Promise<MediaStand> {
  const root = await mkdtemp(join(tmpdir(), 'switchboard-media-'));
  const files = await createFileStore(loadConfig(mediaStoreShape, { RECORDINGS_URL: root }), masterKey);
  const log: string[] = [];
  return {
    root,
    files,
    log,
    objects: (tenantId) => readdir(join(root, tenantId)).catch(() => []),
    addClinic: (hosts) => makeMediaClinic(database, sink, files, hosts),
    work: (options) =>
      startTestMediaWorker(sink, files, {
        logger: createLogger({ service: 'test', level: 'trace' }, { write: (line) => log.push(line) }),
        ...options,
      }),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Fetches from this machine, whatever a host's name. */
export function startTestMediaWorker(
  pool: Pool,
  files: FileStore,
  options: Pick<MediaWorkerOptions, 'logger'> & Partial<MediaWorkerOptions>,
): Rounds {
  const metrics = createMetrics('test');
  return startMediaWorker({
    pool,
    files,
    metrics,
    failures: metrics.counter('failures_total', 'Failures.', ['job']),
    now: Date.now,
    fetching: {
      resolve: async () => ['127.0.0.1'],
      allowHttp: true,
      isAllowedAddress: (address) => address === '127.0.0.1',
    },
    hosts: [],
    accessOf: async () => ({ hosts: [], authorize: () => undefined }),
    maxBytes: 2_000_000,
    timeoutMs: 20_000,
    concurrency: 8,
    reading: { timeoutMs: 60_000 },
    ...options,
  });
}

async function makeMediaClinic(
  database: TestDatabase,
  sink: Pool,
  files: FileStore,
  hosts: readonly string[] = ['*.vendor.example'],
): Promise<MediaClinic> {
  const tenantId = await database.addTenant();
  const run: MediaClinic['run'] = async <R extends Record<string, unknown>>(
    sql: string,
    values: unknown[] = [],
  ) => (await database.admin.query<R>(sql, [tenantId, ...values])).rows;
  await run('UPDATE tenants SET recording_hosts = $2 WHERE id = $1', [hosts]);
  const conversation = randomUUID();
  await run(`INSERT INTO conversations (tenant_id, id, channel) VALUES ($1, $2, 'whatsapp')`, [conversation]);
  return {
    tenantId,
    run,
    async addRecording(url, { sha256, beganAt = new Date() } = {}) {
      const id = randomUUID();
      await run(
        `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, began_at, merge_state)
         VALUES ($1, $2, 'zoice', $3, 'inbound', $4, '{}')`,
        [id, id, beganAt],
      );
      await run(
        'INSERT INTO voice_call_recordings (tenant_id, call_id, source_url, sha256) VALUES ($1, $2, $3, $4)',
        [id, url, sha256 ?? null],
      );
      return id;
    },
    async addMedia(url, declaredType) {
      const id = randomUUID();
      await run(
        `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, sent_at, source)
         VALUES ($1, $2, $3, 'inbound', 'patient', now(), 'twilio')`,
        [id, conversation],
      );
      await run(
        'INSERT INTO message_media (tenant_id, message_id, position, source_url, content_type) VALUES ($1, $2, 0, $3, $4)',
        [id, url, declaredType],
      );
      return id;
    },
    recording: (callId) => withTenant(sink, tenantId, (client) => findRecording(client, tenantId, callId)),
    media: (messageId, variant = 'original') =>
      withTenant(sink, tenantId, (client) =>
        findMessageMedia(client, tenantId, { messageId, position: 0, variant }),
      ),
    async bytes(found) {
      if (!found?.file) throw new Error('nothing is stored');
      return buffer(await files.read({ tenantId, ...found.file }));
    },
    files: () =>
      run('SELECT id::text, state, variant FROM stored_files WHERE tenant_id = $1 ORDER BY variant, id'),
  };
}
