import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { Watched } from './end-when-hung.ts';

/** Runs in a thread of its own, beside the one that it looks at. */
const { beats, everyMs, looks }: Watched = workerData;
let last = Atomics.load(beats, 0);
let still = 0;

setInterval(() => {
  const now = Atomics.load(beats, 0);
  still = now === last ? still + 1 : 0;
  last = now;
  if (still < looks) return;
  // By the file itself: what the thread would print goes through the one that hangs.
  writeSync(
    2,
    `${JSON.stringify({ level: 'fatal', msg: 'the main thread hangs: ended', seconds: (still * everyMs) / 1_000 })}\n`,
  );
  process.kill(process.pid, 'SIGKILL');
}, everyMs);
