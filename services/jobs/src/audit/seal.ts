import type { Logger, Metrics } from '@switchboard/platform';
import { type Rounds, type RoundsOptions, startRounds } from '@switchboard/platform/rounds';
import type { Pool } from '@switchboard/postgres';
import { auditHeads, sealAudit } from '@switchboard/postgres/audit/seals';

export interface SealingOptions extends Pick<RoundsOptions, 'failures'> {
  pool: Pool;
  logger: Logger;
  metrics: Metrics;
}

const sealEveryMs = 1_000;
const headsEveryMs = 60_000;
const rowsPerBlock = 5_000;

/** Seals the audit log each second, until it is stopped. */
export function startSealing({ pool, logger, metrics, failures }: SealingOptions): Rounds {
  const sealed = metrics.counter(
    'switchboard_audit_sealed_rows_total',
    'Rows of the audit log sealed here.',
    [],
  );
  return startRounds({
    name: 'audit_seal',
    everyMs: sealEveryMs,
    logger,
    failures,
    async work() {
      const blocks = await sealAudit(pool, rowsPerBlock);
      for (const { rows } of blocks) sealed.inc({}, rows);
      return blocks.some(({ rows }) => rows === rowsPerBlock);
    },
  });
}

/**
 * Writes each clinic's newest block into the log, each minute in which it is another: the log leaves the database, and
 * tells later whether the end of a chain was cut off, or a chain made anew.
 */
export function startTellingHeads({ pool, logger, failures }: Omit<SealingOptions, 'metrics'>): Rounds {
  const told = new Map<string, number>();
  return startRounds({
    name: 'audit_heads',
    everyMs: headsEveryMs,
    logger,
    failures,
    async work() {
      for (const { tenantId, number, hash } of await auditHeads(pool)) {
        if (number === null || told.get(tenantId) === number) continue;
        told.set(tenantId, number);
        logger.info({ tenant_id: tenantId, block: number, hash }, 'audit log sealed up to here');
      }
      return false;
    },
  });
}
