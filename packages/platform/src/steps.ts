/** Told by name, and awaited, where a process stands between two effects: a test can stop it there. Nobody is asked unless given. */
export type OnStep<Step extends string = string> = (step: Step) => Promise<void> | void;

/** The same for one of several parts that take the same steps: `handled` of `calls` is told as `calls-handled`. */
export function stepsOf(onStep: OnStep | undefined, part: string): OnStep | undefined {
  return onStep && ((step) => onStep(`${part}-${step}`));
}
