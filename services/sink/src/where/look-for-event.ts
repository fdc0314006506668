import type { ClickHouse } from '@switchboard/clickhouse';
import { type FoundFacts, findFacts } from '@switchboard/clickhouse/facts/find-facts';
import { ruleExtractor } from '@switchboard/domain/extraction';
import { uuidV5 } from '@switchboard/domain/ids';
import { findRecord, type LogReader, type Names, type RecordSearch } from '@switchboard/kafka';
import { describeError } from '@switchboard/platform';
import type { Queryable } from '@switchboard/postgres';
import {
  type FoundBlock,
  type FoundEvent,
  findBlocks,
  findEvent,
} from '@switchboard/postgres/pipeline/find-event';

export interface LookOptions {
  postgres: Queryable;
  clickhouse: ClickHouse;
  reader: LogReader;
  names: Names;
  /** How long all of it may take, ms: an answer that does not come by then is told as missing. */
  patienceMs: number;
}

/** What a place said, or why it said nothing. */
export type Told<T> = { said: T } | { silent: string };

/** What every place knows of an event. */
export interface Whereabouts {
  eventId: string;
  postgres: Told<FoundEvent>;
  blocks: Told<FoundBlock[]>;
  clickhouse: Told<FoundFacts[]>;
  kafka: Told<RecordSearch>;
}

/**
 * Asks every place at once. What enrichment makes of an event has an id of its own, made of the event's and of the rules'
 * version: it is looked for by today's.
 * @param eventId as ingest answered it, or that of an enriched event
 */
export async function lookForEvent(options: LookOptions, eventId: string): Promise<Whereabouts> {
  const deadline = Date.now() + options.patienceMs;
  const ids = [eventId, uuidV5(eventId, ruleExtractor.version)];
  const inTime = <T>(work: Promise<T>) => tell(work, deadline - Date.now());
  const [postgres, blocks, clickhouse, kafka] = await Promise.all([
    inTime(findEvent(options.postgres, ids)),
    inTime(findBlocks(options.postgres, eventId)),
    inTime(findFacts(options.clickhouse, eventId)),
    // A little earlier, so that it can still say how much it has looked at.
    inTime(findRecord(options.reader, options.names, ids, deadline - options.patienceMs / 5)),
  ]);
  return { eventId, postgres, blocks, clickhouse, kafka };
}

async function tell<T>(work: Promise<T>, ms: number): Promise<Told<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Told<T>>((resolve) => {
    timer = setTimeout(() => resolve({ silent: 'no answer in time' }), ms);
  });
  try {
    return await Promise.race([work.then((said) => ({ said })), late]);
  } catch (error) {
    const { code, message } = describeError(error);
    return { silent: message ?? code ?? 'not reachable' };
  } finally {
    clearTimeout(timer);
  }
}
