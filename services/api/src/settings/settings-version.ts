import { RequestProblem } from '@switchboard/platform/problem';
import type { Client } from '@switchboard/postgres';
import { readSettings, type StoredSettings } from '@switchboard/postgres/api/settings';

/**
 * Locks the clinic's settings against a change beside this one.
 * @param ifMatch the `ETag` of what the change was made from
 * @throws RequestProblem 409 when somebody changed them meanwhile
 */
export async function lockSettings(
  client: Client,
  tenantId: string,
  ifMatch: string,
): Promise<StoredSettings | undefined> {
  const stored = await readSettings(client, tenantId, true);
  if (ifMatch === etagOf(stored?.settings_version ?? 0)) return stored;
  throw new RequestProblem(
    409,
    'settings_changed',
    'Somebody changed the settings meanwhile. Read them again.',
  );
}

export function etagOf(version: number): string {
  return `"${version}"`;
}
