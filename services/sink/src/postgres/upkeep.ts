import { type Logger, type Metrics, SwitchboardError } from '@switchboard/platform';
import { startRounds } from '@switchboard/platform/rounds';
import { forEachTenant, withTenant } from '@switchboard/postgres';
import { listTenants } from '@switchboard/postgres/blocks/fact-pages';
import { removeOlder } from '@switchboard/postgres/pipeline/remove-older';
import { noteOlder, restateOlder, restateOwned, stateUnstated } from './restate.ts';
import { type SearchOptions, searchLetters } from './search-letters.ts';
import type { WriteOptions } from './write-events.ts';

export interface UpkeepOptions extends WriteOptions {
  everyMs: number;
  /** How long it is remembered that an event was taken. */
  inboxDays: number;
  /** By which originals of dead letters are read; without it none are. */
  originals?: Pick<SearchOptions, 'codec' | 'sealer' | 'attempts'>;
  logger: Logger;
  metrics: Metrics;
}

const dayMs = 86_400_000;
const marksPerTransaction = 5_000;
/** Nothing is left unstated but by an older release, which writes no more once this one runs. */
const sweepEveryMs = dayMs;
/** One clinic that can't be swept must not have all others swept with each round. */
const failedSweepMs = 3_600_000;

/** Does, now and again and again, what no event asks for, until it is stopped. Several processes may do it at once. */
export function startUpkeep(options: UpkeepOptions): { stop(): Promise<void> } {
  const failures = options.metrics.counter(
    'switchboard_sink_upkeep_failures_total',
    'Rounds of upkeep that failed and come again.',
    [],
  );
  let sweepAt = Number.NEGATIVE_INFINITY;
  let sweepFailed = false;
  return startRounds({
    name: 'upkeep',
    everyMs: options.everyMs,
    logger: options.logger,
    failures: { inc: () => failures.inc({}) },
    async work(signal) {
      const at = options.now();
      const sweep = at >= sweepAt;
      if (sweep) {
        sweepAt = at + failedSweepMs;
        sweepFailed = true;
      }
      await keepUp(options, signal, sweep);
      if (sweep) {
        sweepAt = at + sweepEveryMs;
        sweepFailed = false;
      }
      // Told of with each round until one goes well: nobody would be told of one failure an hour.
      if (sweepFailed) failures.inc({});
      return false;
    },
  });
}

/**
 * One round: clinic by clinic, states what is old again, and removes marks of events that nobody repeats any more, and what
 * was told of messages that never came.
 * @param sweep goes through all records, too, for those of which nothing was ever stated, or that note too little, and
 * through dead letters that were not searched for whose they are
 * @throws what failed for one clinic, once all others are done
 */
export async function keepUp(
  options: WriteOptions & Pick<UpkeepOptions, 'inboxDays' | 'originals' | 'logger'>,
  signal: AbortSignal,
  sweep = false,
): Promise<void> {
  const { pool, logger, now } = options;
  const before = new Date(now() - options.inboxDays * dayMs);
  const tenantIds = (await listTenants(pool)).map(({ tenantId }) => tenantId);
  const failure = await forEachTenant(tenantIds, signal, keepUpOne, (tenant_id, error) =>
    logger.warn({ tenant_id, error }, 'upkeep of a clinic failed and comes again'),
  );
  if (sweep && !signal.aborted) await searchAll(options, signal);
  if (failure) throw failure.error;

  async function keepUpOne(tenantId: string): Promise<void> {
    const restated =
      (await restateOwned(options, tenantId, signal)) + (await restateOlder(options, tenantId, signal));
    const noted = sweep ? await noteOlder(options, tenantId, signal) : 0;
    const first = sweep ? await stateUnstated(options, tenantId, signal) : 0;
    let removed = 0;
    for (const table of ['inbox', 'told_messages'] as const) {
      for (let some = marksPerTransaction; some === marksPerTransaction && !signal.aborted; removed += some)
        some = await withTenant(pool, tenantId, (client) =>
          removeOlder(client, tenantId, table, before, marksPerTransaction),
        );
    }
    if (restated + noted + first + removed > 0)
      logger.info({ tenantId, restated, noted, firstStated: first, removed }, 'upkeep');
  }
}

/** Last, and the next sweep's when the registry is away: no clinic's records wait for it. */
async function searchAll(
  { originals, ...options }: Parameters<typeof keepUp>[0],
  signal: AbortSignal,
): Promise<void> {
  if (!originals) return;
  try {
    for (const { tenantId } of await listTenants(options.pool)) {
      const letters = await searchLetters({ ...options, ...originals }, tenantId, signal);
      if (letters > 0)
        options.logger.info({ tenantId, letters }, 'it is known now whose these dead letters are');
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!(error instanceof SwitchboardError && error.retryable)) throw error;
    options.logger.warn({ error }, 'whose some dead letters are is looked for again later');
  }
}
