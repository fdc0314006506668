import { type OnStep, SwitchboardError } from '@switchboard/platform';
import { orRetry } from '../or-retry.ts';
import type { Queryable } from '../pool.ts';
import type { LoneAttempts } from './lone-attempts.ts';
import { createSuspects, type GivenBatch, type GivenMessage, mostAttempts } from './suspects.ts';

/** How messages are tried. */
export interface Trial {
  /** How often the message was begun alone, this time included; 1 where it is one of several. */
  attempts: number;
  /** The process may have ended in them before: they must not be worked on together with others. */
  isSuspect: boolean;
}

export interface GuardedWork<M extends GivenMessage> {
  /** Works on some messages of the batch; when it returns they are finished. */
  work(batch: GivenBatch<M>, messages: readonly M[], trial: Trial): Promise<void>;
  /** @param lastAt of one that was set aside before, Unix ms: told again it is no new failure, which would open a letter that was put back */
  putKillerAside(batch: GivenBatch<M>, message: M, lastAt?: number): Promise<void>;
}

export interface GuardOptions<M extends GivenMessage> extends GuardedWork<M> {
  pool: Queryable;
  /** Shared by all that the process handles. */
  attempts: LoneAttempts;
  /** `begun`: it is stored that these are worked on, and nothing of them is done. */
  onStep?: OnStep<'begun'> | undefined;
}

/**
 * Handles batches so that what kills the process is found and set aside by itself. Whoever finds that some of a batch was
 * begun before and not finished tries that in parts, and the part in which the process ended once more event by event,
 * storing each attempt first: what is guilty is found within few deaths, and after a death that nothing here is to blame
 * for, all goes on nearly as fast as ever. Otherwise it costs one look and one mark for all that one fetch brings.
 * @throws SwitchboardError retryable, while Postgres is away or where the partition was taken away
 */
export function guardBatches<M extends GivenMessage>({
  pool,
  attempts: { inTurn, count },
  work,
  putKillerAside,
  onStep,
}: GuardOptions<M>): (batch: GivenBatch<M>, context: { isStale(): boolean }) => Promise<void> {
  const suspects = createSuspects<M>(pool);

  return async function handleGuarded(batch, context) {
    await orRetry('Postgres could not serve the batch', async () => {
      const { known, parts, rest } = await suspects.find(batch);
      for (const { message, lastAt } of known) await putKillerAside(batch, message, lastAt);
      for (const part of parts)
        await inTurn(async () => {
          // Others may have had their turns for long.
          if (context.isStale()) throw takenAway();
          await handleSuspects(batch, part);
        });
      suspects.clear(batch);
      if (rest.length === 0) return;
      await suspects.mark(batch, { first: Number(batch.firstOffset), last: Number(batch.lastOffset) });
      await onStep?.('begun');
      await work(batch, rest, { attempts: 1, isSuspect: false });
    });
  };

  async function handleSuspects(batch: GivenBatch<M>, part: readonly M[]): Promise<void> {
    const [first, last] = [part.at(0), part.at(-1)];
    if (!first || !last) return;
    if (first === last) return handleAlone(batch, first);
    await suspects.mark(batch, { first: Number(first.offset), last: Number(last.offset) });
    await onStep?.('begun');
    await work(batch, part, { attempts: 1, isSuspect: true });
  }

  function handleAlone(batch: GivenBatch<M>, message: M): Promise<void> {
    const { topic, partition } = batch;
    return count({ topic, partition, offset: Number(message.offset) }, async (attempts) => {
      if (attempts > mostAttempts) {
        await putKillerAside(batch, message);
        return 'set-aside';
      }
      await onStep?.('begun');
      await work(batch, [message], { attempts, isSuspect: true });
      return 'finished';
    });
  }
}

/** One at a time takes its time: whoever has the partition now goes on. */
function takenAway(): SwitchboardError {
  return new SwitchboardError('partition_taken_away', 'the partition is another member’s now', {
    retryable: true,
  });
}
