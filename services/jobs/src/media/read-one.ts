import { renderedType } from '@switchboard/media/images/render-image';
import { mostImageBytes, type Reading } from '@switchboard/media/reading/read-file';
import { type ReadInThreadOptions, readInThread } from '@switchboard/media/reading/read-in-thread';
import { SwitchboardError } from '@switchboard/platform';
import { withTenant } from '@switchboard/postgres';
import type { WrittenFile } from '@switchboard/postgres/media/files';
import {
  type ClaimedReading,
  type Made,
  markRead,
  markUnread,
  releaseReading,
} from '@switchboard/postgres/media/readings';
import { removeFile, type WriteOptions, writeFile } from './write-file.ts';

export interface ReadOneOptions extends WriteOptions {
  reading: ReadInThreadOptions;
}

/** Each is counted before it is made, so that a file that ends the process is read three times and no more. */
const mostAttempts = 3;
const pauseMs = 60_000;
/** What an attempt is spent on; any other error says nothing of the file. */
const faults = ['file_unreadable', 'seal_broken', 'object_missing', 'key_unknown'];

/**
 * Makes of a stored file what is to be made of it: peaks of sound, thumbnail and view of an image.
 * @param stopping gives the file back, as if nothing had begun; so does what is not the file's fault
 * @returns `made`, `lost` (the file went meanwhile), `released` or `failed`
 * @throws what says nothing of the file: a store or Postgres is away; it comes again
 */
export async function readOne(
  options: ReadOneOptions,
  file: ClaimedReading,
  stopping: AbortSignal,
): Promise<string> {
  const { pool, now } = options;
  const isTooLarge = file.contentType.startsWith('image/') && file.size > mostImageBytes;
  if (file.attempt > mostAttempts || isTooLarge) return fail(options, file, null);
  let made: Made;
  try {
    made = await makeOf(options, file, stopping);
  } catch (error) {
    const later = new Date(now() + pauseMs);
    if (!stopping.aborted && error instanceof SwitchboardError && faults.includes(error.code)) {
      const isOver = file.attempt === mostAttempts || error.code === 'file_unreadable';
      return fail(options, file, isOver ? null : later);
    }
    const again = stopping.aborted ? new Date(now()) : later;
    await withTenant(pool, file.tenantId, (client) => releaseReading(client, file, again));
    if (stopping.aborted) return 'released';
    throw error;
  }
  await options.onStep?.('reading-made');
  const kept = await withTenant(pool, file.tenantId, (client) => markRead(client, file, made));
  await options.onStep?.('reading-marked');
  if (!kept) await removeImages(options, file, made);
  return kept ? 'made' : 'lost';
}

async function makeOf(options: ReadOneOptions, file: ClaimedReading, stopping: AbortSignal): Promise<Made> {
  const { files, reading } = options;
  const read = await readInThread(file.contentType, await files.read(file), { ...reading, signal: stopping });
  return 'waveform' in read ? read.waveform : { images: await writeImages(options, file, read.images) };
}

async function fail({ pool }: ReadOneOptions, file: ClaimedReading, retryAt: Date | null): Promise<string> {
  await withTenant(pool, file.tenantId, (client) => markUnread(client, file, retryAt));
  return 'failed';
}

async function writeImages(
  options: ReadOneOptions,
  file: ClaimedReading,
  images: Extract<Reading, { images: unknown }>['images'],
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const variant of ['thumbnail', 'view'] as const) {
    const bytes = images[variant].bytes;
    async function* body() {
      yield bytes;
    }
    written.push(
      await writeFile(options, {
        tenantId: file.tenantId,
        variant,
        originalId: file.id,
        contentType: renderedType,
        body: body(),
      }),
    );
  }
  return written;
}

async function removeImages(options: ReadOneOptions, { tenantId }: ClaimedReading, { images = [] }: Made) {
  for (const { id } of images) await removeFile(options, tenantId, id);
}
