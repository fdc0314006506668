import { randomUUID } from 'node:crypto';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';

/** What a request goes out with so that it can be found and given up. */
interface WatchedRequest {
  settings: ClickHouseSettings;
  signal: AbortSignal;
  /** The answer is here. */
  end(): void;
}

/** One look may fall between a request's arrival and its start. */
const looksBeforeGivenUp = 3;

/**
 * Watches requests to one server: what has no answer for `everyMs` is looked for by its `log_comment`, which unlike the id
 * of a query may be the same in two of them, and reaches the engine behind any server.
 */
export function createRequestWatch(
  client: Pick<ClickHouseClient, 'query'>,
  everyMs: number,
): () => WatchedRequest {
  /** @throws Error when the server does not tell, or shows this user not even what it does itself */
  async function isRunning(id: string): Promise<boolean> {
    const look = `switchboard-look-${randomUUID()}`;
    const answer = await client.query({
      query: `SELECT countIf(position(comment, {id:String}) > 0) AS found, countIf(position(comment, {look:String}) > 0) AS looks
        FROM (SELECT Settings['log_comment'] AS comment FROM system.processes)`,
      query_params: { id, look },
      clickhouse_settings: { log_comment: look },
      abort_signal: AbortSignal.timeout(everyMs),
      format: 'JSONEachRow',
    });
    const [row] = await answer.json<{ found: string; looks: string }>();
    if (Number(row?.looks) === 0) throw new Error('what runs is not shown');
    return Number(row?.found) > 0;
  }

  return () => {
    const id = `switchboard-${randomUUID()}`;
    const givenUp = new AbortController();
    let looks = 0;
    const timer = setInterval(() => {
      isRunning(id).then(
        (running) => {
          looks = running ? 0 : looks + 1;
          if (looks >= looksBeforeGivenUp) givenUp.abort();
        },
        // A server that answers nobody tells nothing of this request.
        () => {
          looks = 0;
        },
      );
    }, everyMs);
    timer.unref();
    return { settings: { log_comment: id }, signal: givenUp.signal, end: () => clearInterval(timer) };
  };
}
