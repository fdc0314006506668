import { catalogues } from '@switchboard/domain/metrics/catalogue';
import { realtimeMetrics } from '@switchboard/domain/metrics/realtime';
import { voiceCallCatalogue } from '@switchboard/domain/metrics/voice-calls';
import type { Pool } from '@switchboard/postgres';
import { withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toCsv } from '../analytics/answer-csv.ts';
import { analyticsAnswer } from '../analytics/answer-schema.ts';
import { metricList, toMetricList } from '../analytics/metric-list.ts';
import { voiceAnalyticsQuery } from '../analytics/request.ts';
import type { AnalyticsService, Prepared } from '../analytics/service.ts';
import { type Allow, callerOf } from '../plugins/authenticate.ts';
import { problemAnswers } from './problem-schema.ts';

export interface AnalyticsRoutesOptions {
  pool: Pool;
  analytics: AnalyticsService;
  allow: Allow;
  now(): number;
}

export function analyticsRoutes(instance: FastifyInstance, options: AnalyticsRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, analytics, now } = options;
  const metrics = toMetricList(catalogues, realtimeMetrics);

  app.get(
    '/api/v1/analytics/metrics',
    {
      onRequest: options.allow('analytics'),
      schema: {
        tags: ['analytics'],
        summary: 'What is measured, and how it is defined',
        querystring: z.strictObject({}),
        response: { 200: metricList, ...problemAnswers },
      },
    },
    async (_request, reply) => reply.header('cache-control', 'private, max-age=300').send(metrics),
  );

  app.get(
    '/api/v1/analytics/voice-calls',
    {
      onRequest: options.allow('analytics'),
      schema: {
        tags: ['analytics'],
        summary: 'Calls in numbers',
        description:
          'JSON, or CSV with `Accept: text/csv`: one row per number, all rows. Days are the clinic’s.',
        querystring: voiceAnalyticsQuery,
        response: {
          200: {
            description: 'The numbers.',
            content: {
              'application/json': { schema: analyticsAnswer },
              'text/csv': { schema: z.string().describe('A header line, then one row per number.') },
            },
          },
          304: z.null(),
          ...problemAnswers,
        },
      },
    },
    async (request, reply) => {
      const { tenantId } = callerOf(request);
      const prepared = await analytics.prepare(tenantId, request.query, voiceCallCatalogue);
      const asCsv = wantsCsv(request);
      const etag = asCsv ? prepared.etag.replace(/"$/, '-csv"') : prepared.etag;
      reply.headers({ etag, vary: 'accept', 'cache-control': 'private, no-cache' });
      if (matches(request, etag)) return reply.code(304).send(null);
      if (asCsv) return sendCsv(request, reply, prepared);
      return reply.send({ ...(await prepared.answer(true)), ...freshnessOf(prepared) });
    },
  );

  function freshnessOf({ context }: Prepared) {
    const { asOf } = context.freshness;
    return {
      as_of: asOf?.toISOString() ?? null,
      freshness_ms: asOf ? Math.max(0, now() - asOf.getTime()) : null,
    };
  }

  async function sendCsv(request: FastifyRequest, reply: FastifyReply, prepared: Prepared) {
    const caller = callerOf(request);
    const answer = await prepared.answer(false);
    await withTenant(pool, caller.tenantId, (client) =>
      writeAudit(client, {
        tenantId: caller.tenantId,
        actorKind: caller.kind,
        actorId: caller.id,
        action: 'analytics.export',
        requestId: request.id,
        details: { category: 'voice_calls', start: answer.period.start, end: answer.period.end },
      }),
    );
    const { asOf } = context(prepared);
    return reply
      .type('text/csv; charset=utf-8')
      .headers({
        'content-disposition': `attachment; filename="voice-calls-${answer.period.start}-${answer.period.end}.csv"`,
        ...(asOf && { 'x-as-of': asOf.toISOString() }),
      })
      .send(toCsv(answer, prepared.request.metrics));
  }
}

const context = ({ context: { freshness } }: Prepared) => freshness;

/** CSV where it is named and JSON is not preferred. */
function wantsCsv(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? '';
  return /text\/csv/i.test(accept) && !/application\/json/i.test(accept);
}

function matches(request: FastifyRequest, etag: string): boolean {
  const given = request.headers['if-none-match'];
  if (given === undefined) return false;
  return given.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*');
}
