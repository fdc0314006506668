import type { Step, StepResult } from './results.ts';

/** Told after each step, for the metrics. */
export type StepDone = (step: string, events: number, seconds: number) => void;

/** Steps in a row; `I` is what comes in, `O` what the last step leaves. */
export interface Pipeline<I, O> {
  /** The same steps and one more. */
  pipe<N>(step: Step<O, N>): Pipeline<I, N>;
  /** Answers for each input, in order. Events that a step ends are not seen by the steps after it. */
  run(inputs: readonly I[]): Promise<StepResult<O>[]>;
}

/** An empty pipeline. Steps are named functions: their names label the metrics. */
export function createPipeline<I>(stepDone: StepDone = () => {}): Pipeline<I, I> {
  return extend(async (inputs: readonly I[]) => inputs.map((value) => ({ kind: 'ok', value })), stepDone);
}

function extend<I, O>(run: Step<I, O>, stepDone: StepDone): Pipeline<I, O> {
  return {
    run,
    pipe: <N>(step: Step<O, N>) =>
      extend<I, N>(async (inputs) => {
        const before = await run(inputs);
        const live = before.flatMap((result) => (result.kind === 'ok' ? [result.value] : []));
        const startedAt = performance.now();
        const after = live.length > 0 ? await step(live) : [];
        stepDone(step.name, live.length, (performance.now() - startedAt) / 1_000);
        if (after.length !== live.length) throw new RangeError(`${step.name} must answer for each event`);
        return join(before, after);
      }, stepDone),
  };
}

/** Puts a step's answers in the places of the events that it was given. */
function join<O, N>(before: readonly StepResult<O>[], after: readonly StepResult<N>[]): StepResult<N>[] {
  const answers = after[Symbol.iterator]();
  return before.map((result) => {
    if (result.kind !== 'ok') return result;
    const answer = answers.next();
    if (answer.done) throw new RangeError('an answer is missing');
    return answer.value;
  });
}
