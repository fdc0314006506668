import type { Logger, Metrics } from '@switchboard/platform';
import { type Rounds, type RoundsOptions, startRounds } from '@switchboard/platform/rounds';
import { withTenant } from '@switchboard/postgres';
import {
  type ClaimedFetch,
  claimFetch,
  releaseFetch,
  tenantsWithFilesDue,
} from '@switchboard/postgres/media/fetches';
import { claimReading } from '@switchboard/postgres/media/readings';
import { type FetchOneOptions, fetchOne } from './fetch-one.ts';
import { type ReadOneOptions, readOne } from './read-one.ts';

export interface MediaWorkerOptions extends FetchOneOptions, ReadOneOptions, Pick<RoundsOptions, 'failures'> {
  logger: Logger;
  metrics: Metrics;
  /** Fetches under way at a time. */
  concurrency: number;
}

const name = 'media';
/** What becomes due without a word: new rows, retries. */
const everyMs = 1_000;
/** Fetches under way at one host: a slow one holds up its own alone. */
const perHost = 2;
/** When an address comes again whose host turned out to be busy only once it was claimed. */
const busyPauseMs = 30_000;
/** Spellings of hosts that are remembered. */
const mostSpellings = 1_000;
/** Decoding is work for a processor: one at a time. */
const readingsAtATime = 1;
/** To write down how it ended, after all of the time that it may take. */
const markMs = 60_000;

interface UnderWay {
  tenantId: string;
  /** Null: what is made of a file. */
  host: string | null;
  retry: boolean;
}

/**
 * Fetches recordings and media, and makes of them what players and inboxes show, until it is stopped; any number of
 * processes may do it at once. Clinics with least under way come first; one clinic gets half of the places, and what failed
 * before half of all.
 */
export function startMediaWorker(options: MediaWorkerOptions): Rounds {
  const { pool, logger, failures, metrics, concurrency } = options;
  const results = metrics.counter(
    'switchboard_media_results_total',
    'Recordings and media fetched, and peaks and thumbnails made, by how it ended.',
    ['work', 'result'],
  );
  const stopping = new AbortController();
  const underWay = new Map<Promise<void>, UnderWay>();
  /** Hosts by how addresses spell them: the database knows neither Unicode's nor percent signs. */
  const hostsBySpelling = new Map<string, string>();
  metrics.gauge(
    'switchboard_media_fetches_under_way',
    'Fetches of recordings and media under way.',
    [],
    (gauge) => gauge.set(count(({ host }) => host !== null)),
  );

  function count(matches: (one: UnderWay) => boolean): number {
    return [...underWay.values()].filter(matches).length;
  }

  function begin(one: UnderWay, work: 'fetch' | 'read', result: Promise<string>): void {
    const done = result
      .then((ended) => results.inc({ work, result: ended }))
      .catch((error: unknown) => {
        // The claim runs out, and it comes again.
        failures.inc({ job: name });
        logger.warn({ job: name, tenant_id: one.tenantId, error }, 'a recording or medium comes again');
      })
      .then(() => {
        underWay.delete(done);
        rounds.wake();
      });
    underWay.set(done, one);
  }

  function isBusy(host: string): boolean {
    return count((one) => one.host === host) >= perHost;
  }

  function busySpellings(): string[] {
    return [...hostsBySpelling].flatMap(([spelled, host]) => (isBusy(host) ? spelled : []));
  }

  function hostOf({ url, spelledHost }: ClaimedFetch): string {
    const host = URL.parse(url)?.hostname ?? '';
    if (hostsBySpelling.size >= mostSpellings) hostsBySpelling.clear();
    hostsBySpelling.set(spelledHost, host);
    return host;
  }

  /** @returns whether there may be more to begin */
  async function beginFetch(tenantId: string): Promise<boolean> {
    const fetching = (one: UnderWay) => one.host !== null;
    const ofClinic = count((one) => fetching(one) && one.tenantId === tenantId);
    if (count(fetching) >= concurrency || ofClinic >= Math.ceil(concurrency / 2)) return false;
    const fetch = await withTenant(pool, tenantId, (client) =>
      claimFetch(client, tenantId, {
        busyHosts: busySpellings(),
        freshOnly: count(({ retry }) => retry) >= Math.ceil(concurrency / 2),
        leaseMs: options.timeoutMs + markMs,
      }),
    );
    if (!fetch) return false;
    const host = hostOf(fetch);
    if (isBusy(host)) {
      const at = new Date(options.now() + busyPauseMs);
      await withTenant(pool, tenantId, (client) => releaseFetch(client, fetch, at));
      return true;
    }
    const one = { tenantId, host, retry: fetch.attempt > 1 };
    begin(one, 'fetch', fetchOne(options, fetch, stopping.signal));
    return true;
  }

  async function beginReading(tenantId: string): Promise<boolean> {
    if (count(({ host }) => host === null) >= readingsAtATime) return false;
    const file = await withTenant(pool, tenantId, (client) =>
      claimReading(client, tenantId, options.reading.timeoutMs + markMs),
    );
    if (file) begin({ tenantId, host: null, retry: false }, 'read', readOne(options, file, stopping.signal));
    return file !== undefined;
  }

  /** Each clinic begins one fetch and one reading in turn, while there is room. */
  async function round(signal: AbortSignal): Promise<boolean> {
    let due = await tenantsWithFilesDue(pool);
    while (due.length > 0 && !signal.aborted) {
      const began: string[] = [];
      for (const tenantId of inTurn(due, (id) => count((one) => one.tenantId === id))) {
        if (signal.aborted) return false;
        const [fetching, reading] = [await beginFetch(tenantId), await beginReading(tenantId)];
        if (fetching || reading) began.push(tenantId);
      }
      due = began;
    }
    return false;
  }

  const rounds = startRounds({ name, everyMs, work: round, logger, failures });
  return {
    wake: rounds.wake,
    async stop() {
      const stopped = rounds.stop();
      stopping.abort();
      await stopped;
      await Promise.all(underWay.keys());
    },
  };
}

function inTurn(tenantIds: readonly string[], busy: (tenantId: string) => number): string[] {
  return tenantIds
    .map((tenantId) => ({ tenantId, rank: busy(tenantId) + Math.random() / 2 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ tenantId }) => tenantId);
}
