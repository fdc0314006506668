import { randomUUID } from 'node:crypto';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';

/** What a request goes out with so that it can be found and given up. */
export interface WatchedRequest {
  settings: ClickHouseSettings;
  signal: AbortSignal | undefined;
  /** The answer is here. */
  end(): void;
}

export const unwatched: WatchedRequest = { settings: {}, signal: undefined, end: () => undefined };

/** One look may fall between a request's arrival and its start. */
const looksBeforeGivenUp = 3;

/**
 * Watches requests of a client: one that has no answer for `everyMs` is looked for by its `log_comment`, which unlike the id
 * of a query may be the same in two of them, and reaches the engine behind any server.
 */
export function createRequestWatch(
  client: Pick<ClickHouseClient, 'query'>,
  cluster: string | undefined,
  everyMs: number,
): () => WatchedRequest {
  const processes =
    cluster === undefined ? 'system.processes' : `clusterAllReplicas('${cluster}', system.processes)`;

  async function isRunning(id: string): Promise<boolean> {
    const answer = await client.query({
      query: `SELECT count() AS n FROM ${processes} WHERE position(Settings['log_comment'], {id:String}) > 0`,
      query_params: { id },
      abort_signal: AbortSignal.timeout(everyMs),
      format: 'JSONEachRow',
    });
    const [row] = await answer.json<{ n: string }>();
    return Number(row?.n) > 0;
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
