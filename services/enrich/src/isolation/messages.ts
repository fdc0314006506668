import type { ExtractionInput } from '@switchboard/domain/extraction';
import type { Analysis } from '@switchboard/schemas';

/** To the worker: what to read, in order. */
export interface WorkerJobs {
  jobs: { id: number; input: ExtractionInput }[];
}

/** From the worker: one per job, in order. */
export type WorkerReply = { id: number; analysis: Analysis } | { id: number; failure: string };
