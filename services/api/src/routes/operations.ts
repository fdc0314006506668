import { type Check, checkReadiness, checksAskedFor, type Metrics } from '@switchboard/platform';
import type { FastifyInstance } from 'fastify';

export interface OperationsOptions {
  metrics: Metrics;
  checks: Record<string, Check>;
  isDraining(): boolean;
}

/** `/healthz`, `/readyz`, `/metrics`, for who runs it. */
export function operationsRoutes(app: FastifyInstance, options: OperationsOptions): void {
  const schema = { hide: true };
  app.get('/healthz', { schema }, async () => ({ status: 'ok' }));
  app.get('/readyz', { schema }, async (request, reply) => {
    const { ready, checks } = await checkReadiness(checksAskedFor(request.url, options.checks));
    const draining = options.isDraining();
    if (!ready || draining) reply.code(503).header('retry-after', '2');
    return { status: draining ? 'draining' : ready ? 'ready' : 'not ready', checks };
  });
  app.get('/metrics', { schema }, async (_request, reply) => {
    const { contentType, body } = await options.metrics.render();
    return reply
      .type(contentType)
      .serializer((text: string) => text)
      .send(body);
  });
}
