import type { ExtractionInput } from '@switchboard/domain/extraction';
import type { Analysis } from '@switchboard/schemas';

/** To the thread: what to read, in order. */
export interface WorkerJobs {
  inputs: ExtractionInput[];
  /** Shared, one number: how many are begun. What ends the thread is the last of these. */
  progress: Int32Array;
}

/** From the thread, in parts: one per input, in order. */
export type WorkerReplies = WorkerReply[];

export type WorkerReply = { analysis: Analysis } | { failure: string };
