import type { Logger, OnStep } from '@switchboard/platform';
import type { Pool } from '@switchboard/postgres';
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

/** One round: clinic by clinic, empties all that is older than the clinic keeps it. @returns false: there is no more */
export async function emptyOld(options: RetentionOptions, signal: AbortSignal): Promise<boolean> {
  for (const { tenantId } of await listTenants(options.pool)) {
    for (const kind of kinds) {
      let place: AgedPlace | undefined;
      let more = true;
      while (more) {
        if (signal.aborted) return false;
        try {
          if (kind === 'tools') more = await emptyUnheardCalls(options.pool, tenantId);
          else {
            place =
              kind === 'patients'
                ? await eraseUnseen(options, tenantId, place)
                : await emptyAged(options, tenantId, kind, place);
            more = place !== undefined;
          }
        } catch (error) {
          // Another clinic's records may be well.
          options.logger.warn(
            { tenant_id: tenantId, kind, error },
            'old records of a clinic are not emptied',
          );
          more = false;
        }
      }
    }
  }
  return false;
}
