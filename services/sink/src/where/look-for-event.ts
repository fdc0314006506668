import type { ClickHouse } from '@switchboard/clickhouse/client';
import { type FoundFacts, findFacts } from '@switchboard/clickhouse/facts/find-facts';
import { rulesVersion } from '@switchboard/domain/extraction/rules-version';
import { uuidV5 } from '@switchboard/domain/ids';
import type { RecordSearch } from '@switchboard/kafka/find-record';
import {
  type FoundBlock,
  type FoundEvent,
  findBlocks,
  findEvent,
} from '@switchboard/postgres/pipeline/find-event';
import type { Queryable } from '@switchboard/postgres/pool';
import { type Told, tell } from './tell.ts';

export interface LookOptions {
  postgres: Queryable;
  clickhouse: ClickHouse;
  /** Looks for any of the ids among what waits. */
  searchKafka(eventIds: readonly string[]): Promise<Told<RecordSearch>>;
  /** Until when stores may answer, Unix ms: an answer that does not come by then is told as missing. */
  deadline: number;
  /** What is asked after Kafka, which may have used up the time, gets in any case, ms. */
  leastMs: number;
}

/** What every place knows of an event. */
export interface Whereabouts {
  eventId: string;
  postgres: Told<FoundEvent>;
  blocks: Told<FoundBlock[]>;
  clickhouse: Told<FoundFacts[]>;
  /** Null: not asked, as Postgres knows what became of it. */
  kafka: Told<RecordSearch> | null;
}

/**
 * Asks the stores, and Kafka only where Postgres does not know its end. What enrichment makes of an event has an id of its
 * own, made of the event's and of the rules' version: it is looked for by today's.
 * @param eventId as ingest answered it, or that of an enriched event
 */
export async function lookForEvent(options: LookOptions, eventId: string): Promise<Whereabouts> {
  const { postgres: db, clickhouse: facts, searchKafka, deadline, leastMs } = options;
  const ids = [eventId, uuidV5(eventId, rulesVersion)];
  const stating = tell(findFacts(facts, eventId), deadline);
  let postgres = await tell(findEvent(db, ids), deadline);
  const kafka = knowsItsEnd(postgres) ? null : await searchKafka(ids);
  const last = Math.max(deadline, Date.now() + leastMs);
  if (kafka && !('said' in kafka && kafka.said.found)) {
    const again = await tell(findEvent(db, ids), last);
    // What was written while Kafka was asked waits there no more, and by now ClickHouse may hold it, too.
    if (knowsItsEnd(again)) return lookForEvent({ ...options, deadline: last }, eventId);
    // What it said of a letter before stays said; that it knew nothing does not.
    const hadLetter = 'said' in postgres && postgres.said.dead_letters.length > 0;
    if ('said' in again || !hadLetter) postgres = again;
  }
  const taken = 'said' in postgres ? postgres.said.taken : [];
  const blocks = await tell(findBlocks(db, eventId, taken), last);
  return { eventId, postgres, blocks, clickhouse: await stating, kafka };
}

/** A dead letter that was put back may wait again. */
function knowsItsEnd(postgres: Told<FoundEvent>): boolean {
  if (!('said' in postgres)) return false;
  const { taken, dead_letters: letters } = postgres.said;
  return taken.length > 0 || letters.some(({ state }) => state === 'open');
}
