import { parentPort } from 'node:worker_threads';
import { extractCall } from '@switchboard/domain/extraction';
import { describeError } from '@switchboard/platform';
import { freeMemoryWhenIdle } from '@switchboard/platform/idle-memory';
import type { WorkerJobs, WorkerReply } from './messages.ts';

/** The thread that reads transcripts: what hangs or breaks here ends this thread alone. */
parentPort?.on('message', ({ jobs }: WorkerJobs) => {
  for (const { id, input } of jobs) parentPort?.postMessage(reply(id, input));
});

freeMemoryWhenIdle();

function reply(id: number, input: WorkerJobs['jobs'][number]['input']): WorkerReply {
  try {
    return { id, analysis: extractCall(input) };
  } catch (error) {
    const { code, name } = describeError(error);
    return { id, failure: code ?? name };
  }
}
