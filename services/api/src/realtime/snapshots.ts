import type { ClickHouse } from '@switchboard/clickhouse';
import { voiceCallCatalogue } from '@switchboard/domain/metrics/voice-calls';
import { boundsOf, resolvePeriod } from '@switchboard/domain/periods/period';
import { RequestProblem } from '@switchboard/platform/problem';
import type { Pool } from '@switchboard/postgres';
import { countCallsInProgress, readTenantContext } from '@switchboard/postgres/api/tenant-calendar';
import { toAnswer } from '../analytics/answer.ts';
import { readAnalytics } from '../analytics/read-answer.ts';
import type { AnalyticsRequest } from '../analytics/request.ts';

/** What listeners are told: the numbers of the clinic's today, and what is going on now. */
export interface Snapshot {
  /** The tenant's watermark: the last block that is counted. */
  watermark: number;
  /** First instant after the clinic's today, milliseconds: from then on these are yesterday's numbers. */
  dayEnds: number;
  body: {
    watermark: number;
    as_of: string | null;
    freshness_ms: number | null;
    period: { time_period: string; start: string; end: string; time_zone: string };
    voice_calls: { summary: ReturnType<typeof toAnswer>['summary'] };
    now: { calls_in_progress: number };
  };
}

export type ReadSnapshot = (tenantId: string) => Promise<Snapshot>;

export interface SnapshotOptions {
  pool: Pool;
  clickhouse: ClickHouse;
  queryTimeoutMs: number;
  now(): number;
}

/** Reads a snapshot: the watermark first, so that it never claims more than the numbers hold. */
export function createReadSnapshot({ pool, clickhouse, queryTimeoutMs, now }: SnapshotOptions): ReadSnapshot {
  const metrics = voiceCallCatalogue.metrics.filter(({ calculation }) => calculation.kind !== 'mix');
  return async function readSnapshot(tenantId) {
    const context = await readTenantContext(pool, tenantId);
    if (!context) throw new RequestProblem(401, 'not_authenticated', 'The clinic does not exist any more.');
    const { timeZone: zone, firstWeekday, freshness } = context;
    const calendar = { zone, firstWeekday, now: now() };
    const request: AnalyticsRequest = {
      catalogue: voiceCallCatalogue,
      period: resolvePeriod({ timePeriod: 'today', aggregation: 'daily' }, calendar),
      compare: 'none',
      metrics,
      breakdowns: [],
      filters: [],
      limit: 0,
      offset: 0,
    };
    const [data, callsInProgress] = await Promise.all([
      readAnalytics(clickhouse, tenantId, request, queryTimeoutMs),
      countCallsInProgress(pool, tenantId),
    ]);
    const { period, summary } = toAnswer(request, data);
    const { time_period, start, end, time_zone } = period;
    const { asOf, block: watermark } = freshness;
    return {
      watermark,
      dayEnds: boundsOf(request.period).to,
      body: {
        watermark,
        as_of: asOf?.toISOString() ?? null,
        freshness_ms: asOf ? Math.max(0, now() - asOf.getTime()) : null,
        period: { time_period, start, end, time_zone },
        voice_calls: { summary },
        now: { calls_in_progress: callsInProgress },
      },
    };
  };
}
