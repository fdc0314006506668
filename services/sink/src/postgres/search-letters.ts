import { type Logger, SwitchboardError } from '@switchboard/platform';
import { type Pool, withTenant } from '@switchboard/postgres';
import type { LoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import {
  beginSearch,
  endSearch,
  type LetterPlace,
  takeSearchBack,
  unsearchedLetters,
} from '@switchboard/postgres/pipeline/unsearched-letters';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import { type FindPeopleOptions, findPeople, unreadable } from './find-people.ts';

export interface SearchOptions extends FindPeopleOptions {
  pool: Pool;
  /** Shared by all that the process handles: no death of another's is counted against a letter. */
  attempts: Pick<LoneAttempts, 'inTurn'>;
  logger: Logger;
}

/** Letters looked up together; their originals, of several MiB, are read one by one. */
const perLook = 100;

/**
 * Finds whose a clinic's dead letters are that were stored without a search of their originals, or with one by older rules: by an
 * older release, or because it failed. One that ends the process is begun three times at most, by whichever process; one that fails is tried with each sweep.
 * @returns how many were found
 * @throws SwitchboardError retryable, when the registry is away
 */
export async function searchLetters(
  options: SearchOptions,
  tenantId: string,
  signal: AbortSignal,
): Promise<number> {
  const { pool, attempts, logger } = options;
  const country = (await loadTenantSettings(pool, [tenantId])).get(tenantId)?.country ?? null;
  let found = 0;
  let after: LetterPlace | undefined;
  for (let left = perLook; left === perLook && !signal.aborted; ) {
    const page = await withTenant(pool, tenantId, (client) =>
      unsearchedLetters(client, tenantId, after, perLook),
    );
    for (const { id } of page) {
      if (signal.aborted) break;
      await attempts.inTurn(() => searchOne(id));
    }
    after = page.at(-1);
    left = page.length;
  }
  return found;

  async function searchOne(id: string): Promise<void> {
    const letter = await withTenant(pool, tenantId, (client) => beginSearch(client, tenantId, id));
    if (!letter) return;
    let whose: string[] | 'unsearchable' | undefined;
    try {
      whose = await findPeople(options, letter, country);
      const theirs = whose;
      await withTenant(pool, tenantId, (client) => endSearch(client, tenantId, id, theirs));
      if (theirs === 'unsearchable') tell(id, unreadable);
      else if (theirs.length > 0) found += 1;
    } catch (error) {
      // Where Postgres is away it stays counted, as if it had been a death.
      await withTenant(pool, tenantId, (client) => takeSearchBack(client, tenantId, id)).catch(
        () => undefined,
      );
      if (whose || (error instanceof SwitchboardError && error.retryable)) throw error;
      tell(id, error);
    }
  }

  function tell(id: string, error: unknown): void {
    logger.warn({ error, dead_letter_id: id }, 'a dead letter is not found by its patient');
  }
}
