import { deadLetterReasons, deadLetterStages } from '@switchboard/domain/dead-letter-reasons';
import { isUuid } from '@switchboard/domain/ids';
import type { HandleBatch } from '@switchboard/kafka';
import { type Logger, type Metrics, SwitchboardError } from '@switchboard/platform';
import { isRefusedRow, isSqlState, isTransient, type Pool } from '@switchboard/postgres';
import { storeDeadLetter } from '@switchboard/postgres/pipeline/dead-letters';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import type { DeadLetter } from '@switchboard/schemas';
import { type FindPeopleOptions, findPeople } from './find-people.ts';

export interface DeadLetterHandlerOptions extends FindPeopleOptions {
  pool: Pool;
  logger: Logger;
  metrics: Metrics;
}

const unstorable = { stage: 'dead-letter', reason: 'unstorable' };

/**
 * Handles a batch of dead letters: each becomes a row, one per id however often it comes.
 * @throws what Postgres says of our own SQL or rights: the process must end
 */
export function createDeadLetterHandler(options: DeadLetterHandlerOptions): HandleBatch {
  const { pool, codec, logger, metrics } = options;
  const stored = metrics.counter(
    'switchboard_dead_letters_stored_total',
    'Dead letters by stage and reason.',
    ['stage', 'reason'],
  );
  // An alert counts on the increase of each: a series that begins at 1 has none.
  for (const stage of deadLetterStages)
    for (const reason of Object.keys(deadLetterReasons)) stored.inc({ stage, reason }, 0);
  stored.inc(unstorable, 0);

  return async function handleDeadLetters(batch) {
    for (const message of batch.messages) {
      try {
        const letter = await codec.decode<DeadLetter>(batch.topic, message.value);
        await storeDeadLetter(pool, letter, await peopleOf(letter));
        stored.inc({ stage: letter.stage, reason: letter.reason });
      } catch (error) {
        if (isTransient(error) || (error instanceof SwitchboardError && error.retryable)) {
          throw new SwitchboardError('postgres_unavailable', 'the dead letter could not be stored now', {
            retryable: true,
            cause: error,
          });
        }
        if (isSqlState(error) && !isRefusedRow(error)) throw error;
        // There is no further place to set it aside to: it stays in the topic, and whoever is on call is told where.
        logger.error(
          { error, partition: batch.partition, offset: message.offset },
          'dead letter cannot be stored',
        );
        stored.inc(unstorable);
      }
    }
  };

  /** What can't be searched is kept all the same: it is only not found by its patient. */
  async function peopleOf(letter: DeadLetter): Promise<string[]> {
    const { tenant_id: tenantId } = letter;
    if (tenantId === null || !isUuid(tenantId)) return [];
    const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
    try {
      return await findPeople(options, letter, tenant?.country ?? null);
    } catch (error) {
      if (error instanceof SwitchboardError && error.retryable) throw error;
      logger.warn(
        { error, dead_letter_id: letter.dead_letter_id },
        'a dead letter is not found by its patient',
      );
      return [];
    }
  }
}
