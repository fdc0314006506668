// Runs in a thread of its own, beside the one that it looks at: see end-when-hung.ts. In JavaScript, because a thread that
// reads TypeScript takes 10 MB more, in each service.
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { beats, everyMs, looks } = workerData;
let last = Atomics.load(beats, 0);
let still = 0;

setInterval(() => {
  const now = Atomics.load(beats, 0);
  still = now === last ? still + 1 : 0;
  last = now;
  if (still < looks) return;
  const said = { level: 'fatal', msg: 'the main thread hangs: ended', seconds: (still * everyMs) / 1_000 };
  try {
    // By the file itself: what the thread would print goes through the one that hangs.
    writeSync(2, `${JSON.stringify(said)}\n`);
  } catch {
    // Whoever read it is gone.
  }
  process.kill(process.pid, 'SIGKILL');
}, everyMs);
