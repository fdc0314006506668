import type { Logger, Metrics, OnStep } from '@switchboard/platform';
import type { BrokerAccess } from './broker-access.ts';

export interface IncomingMessage {
  key: string | null;
  /** Empty when the message has none. */
  value: Buffer;
  headers: Readonly<Record<string, string>>;
  partition: number;
  /** Decimal digits. */
  offset: string;
  /** Unix ms by which the broker orders time. */
  timestamp: number;
}

/** Messages of one partition that follow each other. */
export interface IncomingBatch {
  /** Full name, prefix included. */
  topic: string;
  partition: number;
  messages: readonly IncomingMessage[];
  firstOffset: string;
  lastOffset: string;
}

export interface BatchContext {
  /** Aborted when the partition is taken away or the consumer gives up: stop, and write nothing more. */
  signal: AbortSignal;
  isStale(): boolean;
  /** 1 for the first try of this batch in this process. */
  attempt: number;
}

/**
 * Works on one batch. Returning means that all of it is finished: its offset is committed after. Throwing a retryable
 * SwitchboardError means the same batch again, after a pause, for as long as it takes. Anything else thrown is fatal:
 * nothing more is committed and the process must end. A batch may come again, here or elsewhere: be idempotent.
 */
export type HandleBatch = (batch: IncomingBatch, context: BatchContext) => Promise<void>;

export interface ConsumerOptions extends BrokerAccess {
  clientId?: string;
  groupId: string;
  /** Full names, prefix included. A group without offsets begins at the oldest event. */
  topics: readonly string[];
  handle: HandleBatch;
  logger: Logger;
  metrics?: Metrics;
  /** Told once, of the error after which the process must end. */
  onFatal?: (error: Error) => void;
  /** Partitions worked on at the same time; 6 by default. */
  partitionsConcurrently?: number;
  /** Messages handed over at once at most; 500 by default. */
  maxBatchMessages?: number;
  /** From one fetch that brought something to the next at least, so that a stream comes in batches, ms; 50 by default. */
  gatherMs?: number;
  /** A member unheard of for so long loses its partitions, ms; 10,000 by default. */
  sessionTimeoutMs?: number;
  /** Pause before a batch comes again. */
  retry?: { baseMs: number; maxMs: number };
  onStep?: OnStep<ConsumerStep>;
}

/** Between what a handler did and its offset's commit, and after that. */
export type ConsumerStep = 'handled' | 'committed';

export interface Consumer {
  /** Resolves when the group has first given this member its share (which may be none). */
  readonly joined: Promise<void>;
  /** Resolves with the error after which the process must end; never otherwise. */
  readonly fatal: Promise<Error>;
  /** What this member holds, by full topic name. */
  assignments(): Readonly<Record<string, readonly number[]>>;
  /** @throws SwitchboardError `consumer_away` (retryable) unless this member is in the group and its broker answers. */
  check(): Promise<void>;
  /** Messages between the group's committed offsets and the ends of the topics' logs. @throws SwitchboardError `broker_unavailable` (retryable) */
  lag(): Promise<PartitionLag[]>;
  /** Finishes the batches in hand, commits them, leaves the group. */
  stop(): Promise<void>;
}

export interface PartitionLag {
  topic: string;
  partition: number;
  /** Null where the group has committed nothing yet. */
  committed: bigint | null;
  low: bigint;
  high: bigint;
  lag: number;
}
