import { isSqlState, isTransient } from './sql-state.ts';

/**
 * Works clinic by clinic until the signal. One that fails holds up no other.
 * @param onFailure told at once of what failed for one
 * @returns what failed first, to be thrown once all else is done; undefined: nothing
 * @throws where Postgres itself is away: it is so for all of them
 */
export async function forEachTenant(
  tenantIds: readonly string[],
  signal: AbortSignal,
  work: (tenantId: string) => Promise<void>,
  onFailure: (tenantId: string, error: unknown) => void,
): Promise<{ error: unknown } | undefined> {
  let failure: { error: unknown } | undefined;
  for (const tenantId of tenantIds) {
    if (signal.aborted) break;
    try {
      await work(tenantId);
    } catch (error) {
      if (isTransient(error) && !isSqlState(error)) throw error;
      onFailure(tenantId, error);
      failure ??= { error };
    }
  }
  return failure;
}
