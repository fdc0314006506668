import { Worker } from 'node:worker_threads';
import type { ExtractionInput } from '@switchboard/domain/extraction';
import type { Logger } from '@switchboard/platform';
import type { ExtractionOutcome } from '../steps/extract-analysis.ts';
import type { WorkerJobs, WorkerReply } from './messages.ts';

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

  /** Posts the jobs and resolves with the replies until all are there, or the thread ends or is silent for too long. */
  function work(jobs: WorkerJobs['jobs'], onReply: (reply: WorkerReply) => void): Promise<'done' | 'lost'> {
    const current = worker ?? startWorker();
    worker = current;
    return new Promise((resolve) => {
      let left = jobs.length;
      let timer: NodeJS.Timeout | undefined;
      const wait = () => {
        clearTimeout(timer);
        timer = setTimeout(() => settle('lost'), budgetMs);
      };
      const settle = (outcome: 'done' | 'lost') => {
        clearTimeout(timer);
        current.off('message', onMessage).off('exit', onExit);
        resolve(outcome);
      };
      const onExit = () => settle('lost');
      const onMessage = (reply: WorkerReply) => {
        onReply(reply);
        left -= 1;
        if (left === 0) settle('done');
        else wait();
      };
      current.on('message', onMessage).on('exit', onExit);
      wait();
      current.postMessage({ jobs } satisfies WorkerJobs);
    });
  }

  async function extractInOrder(inputs: readonly ExtractionInput[]): Promise<ExtractionOutcome[]> {
    const outcomes = new Map<number, ExtractionOutcome>();
    let suspect = -1;
    let attempts = 0;
    while (outcomes.size < inputs.length) {
      const open = inputs.map((input, id) => ({ id, input })).filter(({ id }) => !outcomes.has(id));
      const result = await work(open, (reply) => outcomes.set(reply.id, toOutcome(reply)));
      if (result === 'done') break;
      await endWorker();
      const culprit = inputs.findIndex((_, id) => !outcomes.has(id));
      if (culprit < 0) break;
      attempts = culprit === suspect ? attempts + 1 : 1;
      suspect = culprit;
      logger.warn({ attempts, budgetMs }, 'a transcript ended or outlasted the thread that read it');
      if (attempts >= mostAttempts) outcomes.set(culprit, { code: 'extraction_lost', attempts });
    }
    return inputs.map((_, id) => outcomes.get(id) ?? { code: 'extraction_lost', attempts: 1 });
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

function toOutcome(reply: WorkerReply): ExtractionOutcome {
  if ('analysis' in reply) return { analysis: reply.analysis };
  return { code: reply.failure, attempts: 1 };
}
