import type { FileStore } from '@switchboard/media/file-store';
import type { Logger, OnStep } from '@switchboard/platform';
import { forEachTenant, type Pool, withTenant } from '@switchboard/postgres';
import { listTenants } from '@switchboard/postgres/blocks/fact-pages';
import {
  expireFiles,
  filesOfOtherKeys,
  filesToRemove,
  followRetention,
  forgetFile,
  releaseLostFiles,
  resealFile,
} from '@switchboard/postgres/media/old-files';

export interface TidyOptions {
  pool: Pool;
  files: FileStore;
  logger: Logger;
  now(): number;
  onStep?: OnStep<'file-removed'>;
}

const perTransaction = 200;
/** Longer than any fetch or reading may take. */
const lostAfterMs = 3_600_000;

/**
 * One round: clinic by clinic, ends the time of what is old, removes objects that nothing needs, also those that a process
 * died with, and seals files' keys with the master key of today.
 * @throws what failed for one clinic, once all others are done
 */
export async function tidyFiles(options: TidyOptions, signal: AbortSignal): Promise<boolean> {
  const { pool, logger, now } = options;
  const lostBefore = new Date(now() - lostAfterMs);
  // Another clinic's files may be well, e.g. sealed by a key that is known.
  const failure = await forEachTenant(
    (await listTenants(pool)).map(({ tenantId }) => tenantId),
    signal,
    (tenantId) => tidyClinic(options, tenantId, lostBefore, signal),
    (tenant_id, error) =>
      logger.warn({ tenant_id, error }, 'recordings and media of a clinic are not tidied'),
  );
  if (failure) throw failure.error;
  return false;
}

async function tidyClinic(options: TidyOptions, tenantId: string, lostBefore: Date, signal: AbortSignal) {
  const { pool, logger } = options;
  await withTenant(pool, tenantId, (client) => followRetention(client, tenantId));
  const expired = await untilNone(signal, () =>
    withTenant(pool, tenantId, (client) => expireFiles(client, tenantId, perTransaction)),
  );
  await withTenant(pool, tenantId, (client) => releaseLostFiles(client, tenantId, lostBefore));
  const removed = await untilNone(signal, () => removeSome(options, tenantId));
  const resealed = await untilNone(signal, () => resealSome(options, tenantId));
  if (expired + removed + resealed > 0)
    logger.info({ tenant_id: tenantId, expired, removed, resealed }, 'tidied recordings and media');
}

async function removeSome({ pool, files, onStep }: TidyOptions, tenantId: string): Promise<number> {
  const ids = await withTenant(pool, tenantId, (client) => filesToRemove(client, tenantId, perTransaction));
  for (const id of ids) {
    await files.remove({ tenantId, id });
    await onStep?.('file-removed');
    await withTenant(pool, tenantId, (client) => forgetFile(client, tenantId, id));
  }
  return ids.length;
}

function resealSome({ pool, files }: TidyOptions, tenantId: string): Promise<number> {
  return withTenant(pool, tenantId, async (client) => {
    const sealed = await filesOfOtherKeys(client, tenantId, files.keys.currentId, perTransaction);
    for (const file of sealed) await resealFile(client, tenantId, { ...file, ...files.keys.reseal(file) });
    return sealed.length;
  });
}

/** Does some again and again until none is left. @returns how many in all */
async function untilNone(signal: AbortSignal, some: () => Promise<number>): Promise<number> {
  let all = 0;
  for (let count = 1; count > 0 && !signal.aborted; all += count) count = await some();
  return all;
}
