import type { Logger, OnStep } from '@switchboard/platform';
import { forEachTenant, type Pool } from '@switchboard/postgres';
import { listTenants } from '@switchboard/postgres/blocks/fact-pages';
import { type AgedPlace, agedKinds } from '@switchboard/postgres/erasure/aged-records';
import { emptyAged } from '@switchboard/postgres/erasure/empty-aged';
import { emptyUnheardCalls } from '@switchboard/postgres/erasure/empty-unheard-calls';
import type { EraseStep } from '@switchboard/postgres/erasure/erase-patient';
import { eraseUnseen } from '@switchboard/postgres/erasure/erase-unseen';

export interface RetentionOptions {
  pool: Pool;
  pseudonymKey: Buffer;
  logger: Logger;
  now(): number;
  onStep?: OnStep<EraseStep>;
}

const kinds = [...agedKinds, 'tools', 'patients'] as const;

/**
 * One round: kind by kind and clinic by clinic, empties all that is older than the clinic keeps it.
 * @returns false: there is no more
 * @throws what failed for one clinic, once all others are done
 */
export async function emptyOld(options: RetentionOptions, signal: AbortSignal): Promise<boolean> {
  const tenantIds = (await listTenants(options.pool)).map(({ tenantId }) => tenantId);
  let failure: { error: unknown } | undefined;
  for (const kind of kinds) {
    const failed = await forEachTenant(
      tenantIds,
      signal,
      (tenantId) => emptyKind(options, tenantId, kind, signal),
      (tenant_id, error) =>
        options.logger.warn({ tenant_id, kind, error }, 'old records of a clinic are not emptied'),
    );
    failure ??= failed;
  }
  if (failure) throw failure.error;
  return false;
}

async function emptyKind(
  options: RetentionOptions,
  tenantId: string,
  kind: (typeof kinds)[number],
  signal: AbortSignal,
): Promise<void> {
  let place: AgedPlace | undefined;
  for (let more = true; more && !signal.aborted; ) {
    if (kind === 'tools') more = await emptyUnheardCalls(options.pool, tenantId);
    else {
      place =
        kind === 'patients'
          ? await eraseUnseen(options, tenantId, place)
          : await emptyAged(options, tenantId, kind, place);
      more = place !== undefined;
    }
  }
}
