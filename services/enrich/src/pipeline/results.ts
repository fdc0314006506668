import type { DeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import { describeError, SwitchboardError } from '@switchboard/platform';

/** Why an event needs no work: each is a label of the counter. */
export type DropReason = 'repeated_in_batch';

/** What became of one event in one step. A throw, instead, means: try the whole batch again. */
export type StepResult<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'drop'; reason: DropReason }
  | { kind: 'dead_letter'; reason: DeadLetterReason; detail: string | null; attempts?: number };

/** Takes the events that are still under way and answers for each, in their order. */
export type Step<I, O> = (inputs: readonly I[]) => Promise<StepResult<O>[]>;

export function ok<T>(value: T): StepResult<T> {
  return { kind: 'ok', value };
}

export function drop(reason: DropReason): StepResult<never> {
  return { kind: 'drop', reason };
}

/** @param error what went wrong; only its code or name is kept */
export function deadLetter(reason: DeadLetterReason, error?: unknown, attempts?: number): StepResult<never> {
  return { kind: 'dead_letter', reason, detail: error === undefined ? null : detailOf(error), attempts };
}

/**
 * Runs a step's work for each event by itself. An error that says it may pass ends the batch, to be tried again; any
 * other is that event's own, so that a poison event stops nobody else.
 */
export async function forEach<I, O>(
  step: string,
  inputs: readonly I[],
  work: (input: I) => StepResult<O> | Promise<StepResult<O>>,
): Promise<StepResult<O>[]> {
  return Promise.all(
    inputs.map(async (input) => {
      try {
        return await work(input);
      } catch (error) {
        if (isRetryable(error)) throw error;
        return deadLetter('step_failed', new StepFailure(step, error));
      }
    }),
  );
}

export function isRetryable(error: unknown): boolean {
  return error instanceof SwitchboardError && error.retryable;
}

class StepFailure extends SwitchboardError {
  constructor(step: string, cause: unknown) {
    super(`${step}: ${detailOf(cause)}`, 'a step failed', { cause });
  }
}

function detailOf(error: unknown): string {
  const { code, name, message } = describeError(error);
  return code === 'invalid_event' && message ? message : (code ?? name);
}
