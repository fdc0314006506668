/** `npm run stop`: ends what `npm start` has started here, in order, and waits until it has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@switchboard/embedded';
import { readRunning } from '../running-file.ts';
import { DATA_DIR, NOT_RUNNING_MESSAGE } from './running-here.ts';

/** Each service may take 35 s to finish what it has begun, one after another, and then the engines. */
const LONGEST_MS = 240_000;

const running = await readRunning(DATA_DIR);
if (!running) {
  console.log(NOT_RUNNING_MESSAGE);
} else {
  console.log(`stopping process ${running.pid}…`);
  process.kill(running.pid, 'SIGTERM');
  const deadline = Date.now() + LONGEST_MS;
  while (isAlive(running.pid) && Date.now() < deadline) await sleep(100);
  if (isAlive(running.pid)) {
    console.error(`Process ${running.pid} has not ended within ${LONGEST_MS / 1000} s; see npm run logs.`);
    process.exitCode = 1;
  } else {
    console.log('stopped; the data is kept');
  }
}
