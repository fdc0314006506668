import { type Logger, statusClass } from '@switchboard/platform';
import type { FastifyInstance } from 'fastify';
import type { IngestMetrics } from '../ingest-metrics.ts';

export interface ObserveOptions {
  metrics: IngestMetrics;
  logger: Logger;
  /** Whether connections should end with their answer. */
  isDraining(): boolean;
}

/**
 * Gives each answer its request's id and safe headers, and measures it. There is a log line per request at level debug
 * only: thousands a second would cost more than the work.
 */
export function observeRequests(app: FastifyInstance, { metrics, logger, isDraining }: ObserveOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    if (isDraining()) reply.header('connection', 'close');
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const seconds = reply.elapsedTime / 1000;
    metrics.requests.observe(
      { method: request.method, route, status_class: statusClass(reply.statusCode) },
      seconds,
    );
    if (logger.isLevelEnabled('debug'))
      logger.debug({ request_id: request.id, route, status: reply.statusCode, seconds }, 'answered');
    done();
  });
}
