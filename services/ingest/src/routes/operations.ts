import type { Metrics } from '@switchboard/platform';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ReadinessProbe } from '../readiness.ts';

export interface OperationsOptions {
  probe: ReadinessProbe;
  metrics: Metrics;
  /** Sets the gauges that are read off at this moment. */
  refreshGauges(): void;
}

/** The webhook's health for the vendor, and `/healthz`, `/readyz`, `/metrics` for who runs it. */
export function operationsRoutes(
  app: FastifyInstance,
  { probe, metrics, refreshGauges }: OperationsOptions,
): void {
  const sendReadiness = async (reply: FastifyReply) => {
    const { ready, draining, checks } = await probe.probe();
    if (!ready) reply.code(503).header('retry-after', '2');
    return reply.send({ status: draining ? 'draining' : ready ? 'ok' : 'unavailable', checks });
  };
  app.get('/api/v1/voice/webhook/health', (_request, reply) => sendReadiness(reply));
  app.get('/readyz', (_request, reply) => sendReadiness(reply));
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/metrics', async (_request, reply) => {
    refreshGauges();
    const { contentType, body } = await metrics.render();
    return reply.type(contentType).send(body);
  });
}
