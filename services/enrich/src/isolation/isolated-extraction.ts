import { Worker } from 'node:worker_threads';
import type { ExtractionInput } from '@switchboard/domain/extraction';
import { type Logger, SwitchboardError } from '@switchboard/platform';
import type { ExtractionOutcome } from '../steps/extract-analysis.ts';
import type { WorkerJobs, WorkerReplies, WorkerReply } from './messages.ts';
import { type GivenUp, watchThread } from './watch-thread.ts';

export interface IsolatedExtractionOptions {
  logger: Logger;
  /** CPU time that the longest transcript may take, ms; shorter ones may take less, down to a quarter. */
  budgetMs: number;
  /** Heap of the thread, MiB. */
  maxHeapMb?: number;
  /** Module that runs in the thread; ours unless told. */
  workerUrl?: URL;
}

export interface IsolatedExtraction {
  /**
   * Answers for each input, in order. One call at a time is worked on; others wait.
   * @param about what a line of the log says of each input
   * @throws SwitchboardError `extraction_unavailable` (retryable) when no thread can be started
   */
  extractAll(inputs: readonly ExtractionInput[], about?: readonly object[]): Promise<ExtractionOutcome[]>;
  stop(): Promise<void>;
}

/** How a thread left what it was given, and what it had read until then. */
interface Work {
  replies: WorkerReplies;
  /** How many it has begun. */
  begun: number;
  ended: 'done' | 'exit' | 'full' | GivenUp;
}

/** A transcript is given up when it ended the thread so often: the first time may have been another's fault. */
const mostAttempts = 2;

/** Characters of the longest transcript that ingest takes. */
const longest = 5 * 1_048_576;

const ownWorker = new URL('./extraction-worker.ts', import.meta.url);

/**
 * Reads transcripts in a thread of their own, so that one that hangs it, breaks it or eats its memory costs itself and
 * nothing else: the thread is ended and replaced, that transcript fails, the rest goes on.
 */
export function createIsolatedExtraction(options: IsolatedExtractionOptions): IsolatedExtraction {
  const { logger, budgetMs } = options;
  let worker: Worker | undefined;
  /** Whether the last thread that ended had filled its memory. */
  let isFull = false;
  let queue: Promise<unknown> = Promise.resolve();

  function startWorker(): Worker {
    isFull = false;
    const started = new Worker(options.workerUrl ?? ownWorker, {
      resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb ?? 512 },
      stdin: false,
    });
    started.on('error', (error) => {
      isFull = Reflect.get(error, 'code') === 'ERR_WORKER_OUT_OF_MEMORY';
    });
    started.on('exit', () => {
      if (worker === started) worker = undefined;
    });
    started.unref();
    return started;
  }

  async function endWorker(): Promise<void> {
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  }

  function work(inputs: readonly ExtractionInput[]): Promise<Work> {
    const current = worker ?? startWorker();
    worker = current;
    const progress = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const begun = () => Atomics.load(progress, 0);
    return new Promise((resolve) => {
      const replies: WorkerReplies = [];
      const settle = (ended: Work['ended']) => {
        endWatch();
        current.off('message', take).off('exit', onExit);
        resolve({ replies, begun: begun(), ended });
      };
      const take = (part: WorkerReplies) => {
        replies.push(...part);
        if (replies.length === inputs.length) settle('done');
      };
      const onExit = () => settle(isFull ? 'full' : 'exit');
      const endWatch = watchThread({
        cpuUsage: () => current.cpuUsage(),
        begun,
        budgetOf: (index) => budgetMs * shareOf(inputs[index]),
        onGivenUp: settle,
        now: () => performance.now(),
      });
      current.on('message', take).on('exit', onExit);
      current.postMessage({ inputs: [...inputs], progress } satisfies WorkerJobs);
    });
  }

  async function extractInOrder(
    inputs: readonly ExtractionInput[],
    about: readonly object[],
  ): Promise<ExtractionOutcome[]> {
    const outcomes = new Map<ExtractionInput, ExtractionOutcome>();
    let suspect: ExtractionInput | undefined;
    let attempts = 0;
    for (;;) {
      const open = inputs.filter((input) => !outcomes.has(input));
      if (open.length === 0) return inputs.map((input) => outcomes.get(input) ?? lost(attempts));
      const { replies, begun, ended } = await work(open);
      for (const [at, reply] of replies.entries()) {
        const input = open[at];
        if (input) outcomes.set(input, toOutcome(reply));
      }
      if (ended === 'done') continue;
      // Who hangs deep inside the engine may never end: nobody waits for it.
      void endWorker();
      const culprit = open[begun - 1];
      if (!culprit) throw notStarted();
      if (outcomes.has(culprit)) continue;
      attempts = culprit === suspect ? attempts + 1 : 1;
      suspect = culprit;
      logger.warn(
        { attempts, ended, budgetMs, ...about[inputs.indexOf(culprit)] },
        'a transcript ended or outlasted the thread that read it',
      );
      // Its own CPU time and its own memory: no second try would end otherwise.
      if (ended === 'overrun' || ended === 'full' || attempts >= mostAttempts)
        outcomes.set(culprit, lost(attempts));
    }
  }

  return {
    extractAll(inputs, about = []) {
      if (inputs.length === 0) return Promise.resolve([]);
      const result = queue.then(() => extractInOrder(inputs, about));
      queue = result.catch(() => {});
      return result;
    },
    stop: endWorker,
  };
}

/** Of the budget: reading takes time by length, and a little for the least. */
function shareOf(input: ExtractionInput | undefined): number {
  const length = input?.turns.reduce((sum, { text }) => sum + text.length, 0) ?? 0;
  return 0.25 + 0.75 * Math.min(1, length / longest);
}

function notStarted(): SwitchboardError {
  return new SwitchboardError('extraction_unavailable', 'the thread that reads transcripts does not start', {
    retryable: true,
  });
}

function lost(attempts: number): ExtractionOutcome {
  return { code: 'extraction_lost', attempts };
}

function toOutcome(reply: WorkerReply): ExtractionOutcome {
  return 'analysis' in reply ? { analysis: reply.analysis } : { code: reply.failure, attempts: 1 };
}
