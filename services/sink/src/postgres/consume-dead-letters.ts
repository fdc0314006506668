import { deadLetterReasons, deadLetterStages } from '@switchboard/domain/dead-letter-reasons';
import { isUuid } from '@switchboard/domain/ids';
import type { HandleBatch, IncomingMessage } from '@switchboard/kafka';
import { eventInLog, type Logger, type Metrics, type OnStep, SwitchboardError } from '@switchboard/platform';
import { isRefusedRow, isSqlState, isTransient, type Pool, withTenant } from '@switchboard/postgres';
import { storeDeadLetter, type Whose } from '@switchboard/postgres/pipeline/dead-letters';
import { guardBatches, type Trial } from '@switchboard/postgres/pipeline/guard-batches';
import type { LoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import { isUnsearchable } from '@switchboard/postgres/pipeline/unsearched-letters';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import type { DeadLetter } from '@switchboard/schemas';
import { type FindPeopleOptions, findPeople, unreadable } from './find-people.ts';

export interface DeadLetterHandlerOptions extends FindPeopleOptions {
  pool: Pool;
  /** Shared by all that the process handles. */
  attempts: LoneAttempts;
  onStep?: OnStep<'begun'> | undefined;
  logger: Logger;
  metrics: Metrics;
}

const unstorable = { stage: 'dead-letter', reason: 'unstorable' };
const killed = new SwitchboardError('process_killed', deadLetterReasons.process_killed);

/** Begun alone so often and never finished, a letter is stored without a look into its original. */
const mostLooks = 3;

/**
 * Handles a batch of dead letters: each becomes a row, one per id however often it comes. One that kills the process is
 * found (`guardBatches`): it is stored unsearched, and where that kills, too, passed.
 * @throws what Postgres says of our own SQL or rights: the process must end
 */
export function createDeadLetterHandler(options: DeadLetterHandlerOptions): HandleBatch {
  const { pool, codec, attempts, logger, metrics } = options;
  const stored = metrics.counter(
    'switchboard_dead_letters_stored_total',
    'Dead letters by stage and reason.',
    ['stage', 'reason'],
  );
  // An alert counts on the increase of each: a series that begins at 1 has none.
  for (const stage of deadLetterStages)
    for (const reason of Object.keys(deadLetterReasons)) stored.inc({ stage, reason }, 0);
  stored.inc(unstorable, 0);

  return guardBatches({
    pool,
    attempts,
    onStep: options.onStep,
    async work({ topic }, messages: readonly IncomingMessage[], trial) {
      for (const message of messages) await store(topic, message, trial);
    },
    putKillerAside: async ({ topic }, message) => tellUnstorable(topic, message, killed),
  });

  async function store(topic: string, message: IncomingMessage, trial: Trial): Promise<void> {
    try {
      const letter = await codec.decode<DeadLetter>(topic, message.value);
      await storeDeadLetter(pool, letter, await whoseIs(letter, trial));
      stored.inc({ stage: letter.stage, reason: letter.reason });
    } catch (error) {
      if (isTransient(error) || (error instanceof SwitchboardError && error.retryable)) {
        throw new SwitchboardError('postgres_unavailable', 'the dead letter could not be stored now', {
          retryable: true,
          cause: error,
        });
      }
      if (isSqlState(error) && !isRefusedRow(error)) throw error;
      tellUnstorable(topic, message, error);
    }
  }

  /** There is no further place to set it aside to: it stays in the topic, and whoever is on call is told where. */
  function tellUnstorable(topic: string, message: IncomingMessage, error: unknown): void {
    const { partition, offset, headers } = message;
    logger.error({ error, topic, partition, offset, ...eventInLog(headers) }, 'dead letter cannot be stored');
    stored.inc(unstorable);
  }

  /** What can't be searched is kept all the same: it is only not found by its patient. Pseudonyms are a clinic's. */
  async function whoseIs(letter: DeadLetter, { attempts, isSuspect }: Trial): Promise<Whose> {
    const { tenant_id: tenantId, dead_letter_id: id } = letter;
    if (tenantId === null || !isUuid(tenantId)) return 'unsearched';
    // What was stored unsearched comes again where another one of its batch ends the process.
    const wasStored = () => withTenant(pool, tenantId, (client) => isUnsearchable(client, tenantId, id));
    if (attempts > mostLooks || (isSuspect && (await wasStored()))) {
      tellUnsearched(letter, killed);
      return 'unsearchable';
    }
    const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
    try {
      const whose = await findPeople(options, letter, tenant?.country ?? null);
      if (whose === 'unsearchable') tellUnsearched(letter, unreadable);
      return whose;
    } catch (error) {
      if (error instanceof SwitchboardError && error.retryable) throw error;
      tellUnsearched(letter, error);
      return 'unsearched';
    }
  }

  function tellUnsearched({ dead_letter_id, event_id }: DeadLetter, error: unknown): void {
    logger.warn({ error, dead_letter_id, event_id }, 'a dead letter is not found by its patient');
  }
}
