import { createHash } from 'node:crypto';
import type { ClickHouse } from '@switchboard/clickhouse';
import type { Catalogue } from '@switchboard/domain/metrics/definition';
import { bucketsOf } from '@switchboard/domain/periods/buckets';
import { comparePeriodOf } from '@switchboard/domain/periods/compare';
import { RequestProblem } from '@switchboard/platform/problem';
import type { Pool } from '@switchboard/postgres';
import { readTenantContext, type TenantContext } from '@switchboard/postgres/api/tenant-calendar';
import { type AnswerBody, toAnswer } from './answer.ts';
import { type AnalyticsData, readAnalytics } from './read-answer.ts';
import { type AnalyticsRequest, toAnalyticsRequest, type VoiceAnalyticsQuery } from './request.ts';
import { createReuse } from './reuse.ts';

export interface AnalyticsServiceOptions {
  pool: Pool;
  clickhouse: ClickHouse;
  queryTimeoutMs: number;
  now(): number;
}

export interface Prepared {
  request: AnalyticsRequest;
  context: TenantContext;
  /** Weak: from the query, the clinic's time as far as it matters, the catalogue, the epoch and the watermark. */
  etag: string;
  /** The answer; `page` false leaves the rows of breakdowns uncut. */
  answer(page: boolean): Promise<AnswerBody>;
}

export interface AnalyticsService {
  /** @throws RequestProblem 422 for a query that means nothing. */
  prepare(tenantId: string, query: VoiceAnalyticsQuery, catalogue: Catalogue): Promise<Prepared>;
  /** Facts of these tenants became visible; null: of any. What was answered before is not answered again. */
  changed(tenantIds: readonly string[] | null): void;
}

/** How old an answer may be that is given again. Where changes are heard of, it is replaced as soon as one comes. */
const reuseMs = 1_000;
const minuteMs = 60_000;

export function createAnalyticsService(options: AnalyticsServiceOptions): AnalyticsService {
  const { pool, clickhouse, queryTimeoutMs, now } = options;
  const age = { maxAgeMs: reuseMs, now: () => performance.now() };
  const contexts = createReuse<TenantContext | undefined>(age);
  const data = createReuse<AnalyticsData>(age);
  const answers = createReuse<AnswerBody>(age);
  return {
    async prepare(tenantId, query, catalogue) {
      const context = await contexts.get(tenantId, () => readTenantContext(pool, tenantId));
      if (!context) throw new RequestProblem(401, 'not_authenticated', 'The clinic does not exist any more.');
      const calendar = {
        zone: context.timeZone,
        firstWeekday: context.firstWeekday,
        // By the minute, so that an answer stays the same while nothing changes.
        now: Math.floor(now() / minuteMs) * minuteMs,
      };
      const request = toAnalyticsRequest(query, catalogue, calendar);
      const key = identityOf(tenantId, query, request, context);
      const read = () => data.get(key, () => readAnalytics(clickhouse, tenantId, request, queryTimeoutMs));
      return {
        request,
        context,
        etag: `W/"${createHash('sha256').update(key).digest('base64url').slice(0, 27)}"`,
        // Also what is made of the data is made once: a thousand buckets of all metrics take tens of milliseconds.
        answer: (page) => answers.get(`${page} ${key}`, async () => toAnswer(request, await read(), page)),
      };
    },
    changed(tenantIds) {
      // The watermark is in the context, and by it all else has another key.
      if (tenantIds === null) contexts.forget();
      else for (const tenantId of tenantIds) contexts.forget(tenantId);
    },
  };
}

function identityOf(
  tenantId: string,
  query: VoiceAnalyticsQuery,
  { catalogue, period, compare }: AnalyticsRequest,
  { freshness, timeZone, firstWeekday }: TenantContext,
): string {
  const { now } = period.calendar;
  const over = bucketsOf(period).filter((bucket) => bucket.end <= now).length;
  const until = compare === 'none' ? null : comparePeriodOf(period, compare).until;
  const { start, end } = period;
  return JSON.stringify([
    tenantId,
    versionOf(catalogue),
    query,
    start,
    end,
    over,
    until,
    timeZone,
    firstWeekday,
    freshness.epoch,
    freshness.block,
    // A clinic's blocks of two shards may be done in another order than by their numbers.
    freshness.doneAt,
  ]);
}

/** Another definition of a metric is another answer, though no fact came. */
function versionOf(catalogue: Catalogue): string {
  const known = versions.get(catalogue);
  if (known !== undefined) return known;
  const version = createHash('sha256').update(JSON.stringify(catalogue)).digest('base64url');
  versions.set(catalogue, version);
  return version;
}

const versions = new WeakMap<Catalogue, string>();
