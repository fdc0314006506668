import { describeError, SwitchboardError } from './errors.ts';

/** Ends the process by the exit code that a command answers; by 2, and why on stderr, when it throws. */
export async function runCommand(name: string, run: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await run();
  } catch (error) {
    const own = error instanceof SwitchboardError ? error.message : undefined;
    process.stderr.write(`${name}: ${own ?? JSON.stringify(describeError(error), null, 2)}\n`);
    process.exitCode = 2;
  }
}
