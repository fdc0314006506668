import { resolve } from 'node:path';
import { type Running, readRunning } from '../running-file.ts';

/** Where `npm start` keeps its data, seen from the project's root, in which npm runs every script. */
export const DATA_DIR = resolve('.switchboard');

/** Nothing runs here, as init scripts say it. */
const NOT_RUNNING = 3;

export const NOT_RUNNING_MESSAGE = `Switchboard does not run here (${DATA_DIR}). Start it with npm start.`;

/** What runs on the data directory, or the end of this process when nothing does. */
export async function runningHere(): Promise<Running & { pid: number }> {
  const running = await readRunning(DATA_DIR);
  if (running) return running;
  console.error(NOT_RUNNING_MESSAGE);
  process.exit(NOT_RUNNING);
}
