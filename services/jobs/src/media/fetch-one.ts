import { allowHosts } from '@switchboard/media/fetching/allowed-hosts';
import { faultOf, fetchError } from '@switchboard/media/fetching/fetch-error';
import { type FetchOptions, fetchFile } from '@switchboard/media/fetching/fetch-file';
import { isReadable } from '@switchboard/media/reading/read-file';
import { sniffBytes, sniffType } from '@switchboard/media/types/content-type';
import { readHead } from '@switchboard/media/types/read-head';
import { SwitchboardError } from '@switchboard/platform';
import { withTenant } from '@switchboard/postgres';
import {
  type ClaimedFetch,
  markFetchExpired,
  markFetchFailed,
  releaseFetch,
} from '@switchboard/postgres/media/fetches';
import { storeFetched, type WrittenFile } from '@switchboard/postgres/media/files';
import { mostFetches, nextFetchPause } from './fetch-schedule.ts';
import type { AccessOf } from './vendor-access.ts';
import { removeFile, type WriteOptions, writeFile } from './write-file.ts';

export interface FetchOneOptions extends WriteOptions {
  fetching: FetchOptions;
  /** Hosts that every clinic may fetch from. */
  hosts: readonly string[];
  accessOf: AccessOf;
  maxBytes: number;
  /** From the look-up of the name to the last byte, ms. */
  timeoutMs: number;
}

/** Until a store is asked again that was away. */
const storePauseMs = 15_000;

/**
 * Makes a claimed fetch, and writes down how it ended.
 * @param stopping gives the fetch back, as if it had not begun; so does what is not the file's fault
 * @returns `stored`, `known` (the clinic has the same content), `expired`, `released`, or why it failed
 * @throws what says nothing of the file: a store or Postgres is away; it comes again, at the latest when the claim runs out
 */
export async function fetchOne(
  options: FetchOneOptions,
  fetch: ClaimedFetch,
  stopping: AbortSignal,
): Promise<string> {
  const { pool, now } = options;
  const { tenantId } = fetch;
  if (fetch.expiresAt !== null && fetch.expiresAt.getTime() <= now()) {
    await withTenant(pool, tenantId, (client) => markFetchExpired(client, fetch));
    return 'expired';
  }
  if (fetch.attempt > mostFetches) return fail(options, fetch, fetchError('interrupted'));
  try {
    const file = await fetchAndWrite(options, fetch, stopping);
    await options.onStep?.('media-written');
    const reading = isReadable(file.contentType) ? 'pending' : null;
    const kept = await withTenant(pool, tenantId, (client) => storeFetched(client, fetch, file, reading));
    await options.onStep?.('media-marked');
    if (!kept) await removeFile(options, tenantId, file.id);
    return kept ? 'stored' : 'known';
  } catch (error) {
    if (!stopping.aborted && faultOf(error) !== undefined) return fail(options, fetch, error);
    const again = new Date(now() + (stopping.aborted ? 0 : storePauseMs));
    await withTenant(pool, tenantId, (client) => releaseFetch(client, fetch, again));
    if (stopping.aborted) return 'released';
    throw error;
  }
}

async function fail({ pool, now }: FetchOneOptions, fetch: ClaimedFetch, error: unknown): Promise<string> {
  const fault = faultOf(error) ?? 'interrupted';
  const pause =
    error instanceof SwitchboardError && error.retryable ? nextFetchPause(fetch.attempt) : undefined;
  const nextAttemptAt = pause === undefined ? null : new Date(now() + pause);
  await withTenant(pool, fetch.tenantId, (client) => markFetchFailed(client, fetch, fault, nextAttemptAt));
  return fault;
}

async function fetchAndWrite(
  options: FetchOneOptions,
  fetch: ClaimedFetch,
  stopping: AbortSignal,
): Promise<WrittenFile> {
  const over = new AbortController();
  const signal = AbortSignal.any([stopping, over.signal, AbortSignal.timeout(options.timeoutMs)]);
  try {
    return await fetchWithin(options, fetch, signal);
  } finally {
    // What is refused, by its first bytes or by a store, is read no further: its host is let go at once.
    over.abort();
  }
}

async function fetchWithin(
  options: FetchOneOptions,
  fetch: ClaimedFetch,
  signal: AbortSignal,
): Promise<WrittenFile> {
  const access = await options.accessOf(fetch);
  const fetched = await fetchFile(
    {
      url: fetch.url,
      isAllowedHost: allowHosts([...options.hosts, ...fetch.hosts, ...access.hosts]),
      authorize: access.authorize,
      maxBytes: options.maxBytes,
      signal,
    },
    options.fetching,
  );
  const { head, body } = await readHead(fetched, sniffBytes);
  const contentType = await sniffType(head, fetch.kind, fetch.declaredType);
  const file = await writeFile(options, {
    tenantId: fetch.tenantId,
    variant: 'original',
    originalId: null,
    contentType,
    body,
  });
  if (isOther(file.sha256, fetch.declaredSha256)) {
    await removeFile(options, fetch.tenantId, file.id);
    throw fetchError('wrong_checksum');
  }
  return file;
}

/** What is told and is no SHA-256 in hexadecimal digits says nothing. */
function isOther(sha256: string, declared: string | null): boolean {
  const told = declared?.trim().toLowerCase();
  return told !== undefined && /^[0-9a-f]{64}$/.test(told) && told !== sha256;
}
