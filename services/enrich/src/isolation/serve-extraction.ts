import { parentPort } from 'node:worker_threads';
import type { ExtractionInput } from '@switchboard/domain/extraction';
import type { WorkerJobs, WorkerReplies, WorkerReply } from './messages.ts';

/** What is read leaves the thread at least so often, ms: if the next one ends the thread, little is read again. */
const postEveryMs = 20;

/** Reads, in a thread, what it is given, one after another. */
export function serveExtraction(read: (input: ExtractionInput) => WorkerReply): void {
  parentPort?.on('message', ({ inputs, progress }: WorkerJobs) => {
    let ready: WorkerReplies = [];
    let postedAt = performance.now();
    for (const input of inputs) {
      if (ready.length > 0 && performance.now() - postedAt >= postEveryMs) {
        parentPort?.postMessage(ready);
        ready = [];
        postedAt = performance.now();
      }
      Atomics.add(progress, 0, 1);
      ready.push(read(input));
    }
    parentPort?.postMessage(ready);
  });
}
