import { type Pool, withTenant } from '@switchboard/postgres';
import {
  type LetterPlace,
  lettersOfNobody,
  notePeople,
  readOriginal,
} from '@switchboard/postgres/pipeline/letters-of-nobody';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import { type FindPeopleOptions, findPeople } from './find-people.ts';

/** Letters looked up together; their originals, of several MiB, are read one by one. */
const perLook = 100;

/**
 * Finds whose a clinic's dead letters are that an older release stored without reading their originals.
 * @returns how many were found
 * @throws SwitchboardError retryable, when the registry is away
 */
export async function seekPeople(
  options: FindPeopleOptions & { pool: Pool },
  tenantId: string,
  signal: AbortSignal,
): Promise<number> {
  const { pool } = options;
  const country = (await loadTenantSettings(pool, [tenantId])).get(tenantId)?.country ?? null;
  let found = 0;
  let after: LetterPlace | undefined;
  for (let left = perLook; left === perLook && !signal.aborted; ) {
    const page = await withTenant(pool, tenantId, (client) =>
      lettersOfNobody(client, tenantId, after, perLook),
    );
    for (const { id } of page) {
      if (signal.aborted) break;
      const letter = await withTenant(pool, tenantId, (client) => readOriginal(client, tenantId, id));
      const people = letter ? await findPeople(options, letter, country) : [];
      if (people.length === 0) continue;
      found += await withTenant(pool, tenantId, (client) => notePeople(client, tenantId, id, people));
    }
    after = page.at(-1);
    left = page.length;
  }
  return found;
}
