import { z } from 'zod';
import { registryUnavailable, splitCredentials } from './registry.ts';

/** A schema as a registry keeps it. */
export interface SavedSchema {
  subject: string;
  version: number;
  /** What messages name it by. */
  id: number;
  schema: string;
}

const answer = z.object({ subject: z.string(), version: z.number(), id: z.number(), schema: z.string() });

/**
 * All versions of all schemas of topics with a prefix, oldest first.
 * @throws SwitchboardError `registry_unavailable` (retryable)
 */
export async function saveSchemas(registryUrl: string, prefix: string): Promise<SavedSchema[]> {
  const subjects = z.array(z.string()).parse(await ask(registryUrl, '/subjects'));
  const saved: SavedSchema[] = [];
  for (const subject of subjects.filter((name) => name.startsWith(prefix))) {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const versions = z.array(z.number()).parse(await ask(registryUrl, path));
    for (const version of versions) saved.push(answer.parse(await ask(registryUrl, `${path}/${version}`)));
  }
  return saved.toSorted((a, b) => a.id - b.id || a.version - b.version);
}

/**
 * Registers saved schemas that a registry has not, in the order of their ids.
 * @returns those that have another id here: what names them by the old one can't be read
 * @throws SwitchboardError `registry_unavailable` (retryable)
 */
export async function restoreSchemas(
  registryUrl: string,
  saved: readonly SavedSchema[],
): Promise<SavedSchema[]> {
  const others: SavedSchema[] = [];
  for (const one of saved) {
    const path = `/subjects/${encodeURIComponent(one.subject)}/versions`;
    const { id } = z
      .object({ id: z.number() })
      .parse(await ask(registryUrl, path, JSON.stringify({ schema: one.schema })));
    if (id !== one.id) others.push(one);
  }
  return others;
}

async function ask(registryUrl: string, path: string, body?: string): Promise<unknown> {
  // fetch refuses a URL with a login, and names it whole.
  const { host, auth } = splitCredentials(registryUrl);
  const headers = {
    ...(auth && {
      authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`,
    }),
    ...(body !== undefined && { 'content-type': 'application/vnd.schemaregistry.v1+json' }),
  };
  const asked = { headers, ...(body !== undefined && { method: 'POST', body }) };
  try {
    const response = await fetch(`${host}${path}`, { signal: AbortSignal.timeout(15_000), ...asked });
    const { ok, status } = response;
    if (!ok) throw Object.assign(new Error(`the registry answered ${status}`), { status });
    return await response.json();
  } catch (cause) {
    throw registryUnavailable(cause);
  }
}
