import { type Logger, type Metrics, statusClass } from '@switchboard/platform';
import type { FastifyInstance } from 'fastify';

/** Gives each answer its request's id, and measures it. Addresses are logged by route, never with their query. */
export function observeRequests(app: FastifyInstance, metrics: Metrics, logger: Logger): void {
  const duration = metrics.histogram(
    'http_request_duration_seconds',
    'Requests by route and class of status, from their headers to the answer',
    ['method', 'route', 'status_class'],
  );
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const seconds = reply.elapsedTime / 1000;
    duration.observe({ method: request.method, route, status_class: statusClass(reply.statusCode) }, seconds);
    if (logger.isLevelEnabled('debug'))
      logger.debug({ request_id: request.id, route, status: reply.statusCode, seconds }, 'answered');
  });
}
