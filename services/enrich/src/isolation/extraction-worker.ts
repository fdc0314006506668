import { parentPort } from 'node:worker_threads';
import { type ExtractionInput, extractCall } from '@switchboard/domain/extraction';
import { describeError } from '@switchboard/platform';
import { freeMemoryWhenIdle } from '@switchboard/platform/idle-memory';
import type { WorkerJobs, WorkerReplies, WorkerReply } from './messages.ts';

/** The thread that reads transcripts: what hangs or breaks here ends this thread alone. */
parentPort?.on('message', ({ inputs, progress }: WorkerJobs) => {
  const replies: WorkerReplies = inputs.map((input) => {
    Atomics.add(progress, 0, 1);
    return reply(input);
  });
  parentPort?.postMessage(replies);
});

freeMemoryWhenIdle();

function reply(input: ExtractionInput): WorkerReply {
  try {
    return { analysis: extractCall(input) };
  } catch (error) {
    const { code, name } = describeError(error);
    return { failure: code ?? name };
  }
}
