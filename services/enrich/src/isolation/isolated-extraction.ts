import { Worker } from 'node:worker_threads';
import type { ExtractionInput } from '@switchboard/domain/extraction';
import type { Logger } from '@switchboard/platform';
import type { ExtractionOutcome } from '../steps/extract-analysis.ts';
import type { WorkerJobs, WorkerReplies, WorkerReply } from './messages.ts';

export interface IsolatedExtractionOptions {
  logger: Logger;
  /** How long one transcript may take, ms. */
  budgetMs: number;
  /** Heap of the thread, MiB. */
  maxHeapMb?: number;
  /** Module that runs in the thread; ours unless told. */
  workerUrl?: URL;
}

export interface IsolatedExtraction {
  /** Answers for each input, in order. One call at a time is worked on; others wait. */
  extractAll(inputs: readonly ExtractionInput[]): Promise<ExtractionOutcome[]>;
  stop(): Promise<void>;
}

/** A transcript is given up when it ended the thread, or took too long, this often: a machine under load may be slow once. */
const mostAttempts = 2;

/** What a thread may need to start, on a busy machine, before it reads anything. */
const startMs = 30_000;

const ownWorker = new URL('./extraction-worker.ts', import.meta.url);

/**
 * Reads transcripts in a thread of their own, so that one that hangs it, breaks it or eats its memory costs itself and
 * nothing else: the thread is ended and replaced, that transcript fails, the rest goes on.
 */
export function createIsolatedExtraction(options: IsolatedExtractionOptions): IsolatedExtraction {
  const { logger, budgetMs } = options;
  let worker: Worker | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  function startWorker(): Worker {
    const started = new Worker(options.workerUrl ?? ownWorker, {
      resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb ?? 512 },
      stdin: false,
    });
    started.on('error', () => {});
    started.unref();
    return started;
  }

  async function endWorker(): Promise<void> {
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  }

  /** Posts the inputs; resolves with all replies, or with how many were begun when the thread ended or stood still. */
  function work(inputs: readonly ExtractionInput[]): Promise<WorkerReplies | number> {
    const current = worker ?? startWorker();
    worker = current;
    const progress = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    return new Promise((resolve) => {
      let seen = 0;
      let movedAt = performance.now();
      const settle = (outcome: WorkerReplies | number) => {
        clearInterval(watch);
        current.off('message', settle).off('exit', onExit);
        resolve(outcome);
      };
      const onExit = () => settle(Atomics.load(progress, 0));
      const watch = setInterval(() => {
        const begun = Atomics.load(progress, 0);
        if (begun !== seen) movedAt = performance.now();
        else if (performance.now() - movedAt >= (begun > 0 ? budgetMs : budgetMs + startMs)) settle(begun);
        seen = begun;
      }, budgetMs / 4);
      current.on('message', settle).on('exit', onExit);
      current.postMessage({ inputs: [...inputs], progress } satisfies WorkerJobs);
    });
  }

  async function extractInOrder(inputs: readonly ExtractionInput[]): Promise<ExtractionOutcome[]> {
    const lost = new Map<ExtractionInput, ExtractionOutcome>();
    let suspect: ExtractionInput | undefined;
    let attempts = 0;
    for (;;) {
      const open = inputs.filter((input) => !lost.has(input));
      const replies = open.length > 0 ? await work(open) : [];
      if (typeof replies !== 'number') {
        const read = new Map(open.map((input, at) => [input, toOutcome(replies[at])]));
        return inputs.map((input) => lost.get(input) ?? read.get(input) ?? toOutcome(undefined));
      }
      await endWorker();
      const culprit = open[Math.max(0, replies - 1)];
      attempts = culprit === suspect ? attempts + 1 : 1;
      suspect = culprit;
      logger.warn({ attempts, budgetMs }, 'a transcript ended or outlasted the thread that read it');
      if (culprit && attempts >= mostAttempts) lost.set(culprit, { code: 'extraction_lost', attempts });
    }
  }

  return {
    extractAll(inputs) {
      if (inputs.length === 0) return Promise.resolve([]);
      const result = queue.then(() => extractInOrder(inputs));
      queue = result.catch(() => {});
      return result;
    },
    stop: endWorker,
  };
}

function toOutcome(reply: WorkerReply | undefined): ExtractionOutcome {
  if (!reply) return { code: 'extraction_lost', attempts: 1 };
  return 'analysis' in reply ? { analysis: reply.analysis } : { code: reply.failure, attempts: 1 };
}
