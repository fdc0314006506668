import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { BrokerAccess } from '@switchboard/kafka/broker-access';
import type { RecordSearch } from '@switchboard/kafka/find-record';
import type { Names } from '@switchboard/kafka/group-positions';
import { describeError } from '@switchboard/platform/errors';
import type { Told } from './tell.ts';

/** How long who asks is willing to wait, and for what. */
export interface Patience {
  /** Until when places may answer, Unix ms: an answer that does not come by then is told as missing. */
  until: number;
  /** What a place gets in any case, however long starting took, ms. */
  leastMs: number;
  /** About when ingest answered, Unix ms: what came then is looked at first. */
  around: number;
}

/** What the thread is asked, once. */
export interface SearchRequest {
  access: BrokerAccess;
  names: Names;
  eventIds: readonly string[];
  patience: Patience;
}

/** A thread that has begun to load Kafka's client, which takes as long as all the rest: so it does so beside it. */
export function startSearcher(): Worker {
  const searcher = new Worker(new URL('./search-worker.ts', import.meta.url));
  searcher.unref();
  return searcher;
}

export async function searchKafka(searcher: Worker, request: SearchRequest): Promise<Told<RecordSearch>> {
  try {
    searcher.postMessage(request);
    searcher.ref();
    const [told] = await once(searcher, 'message');
    return told;
  } catch (error) {
    return { silent: describeError(error).code ?? 'the search ended' };
  }
}
