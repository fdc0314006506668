import type { Metrics } from '@switchboard/platform';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { alive, type DescribedAnswer, metricsText, readinessAnswers } from '../openapi/answers.ts';
import { described } from '../openapi/describe.ts';
import type { IngestReadiness, ReadinessProbe } from '../readiness.ts';

export interface OperationsOptions {
  probe: ReadinessProbe;
  metrics: Metrics;
  /** Sets the gauges that are read off at this moment. */
  refreshGauges(): void;
}

/** The webhooks' health for their vendors, and `/healthz`, `/readyz`, `/metrics` for who runs it. */
export function operationsRoutes(
  app: FastifyInstance,
  { probe, metrics, refreshGauges }: OperationsOptions,
): void {
  const sendReadiness = async (reply: FastifyReply, { ready, draining, checks }: IngestReadiness) => {
    if (!ready) reply.code(503).header('retry-after', '2');
    return reply.send({ status: draining ? 'draining' : ready ? 'ok' : 'unavailable', checks });
  };
  const health = (tag: string, summary: string) =>
    described({ tags: [tag], summary, answers: readinessAnswers });
  const operation = (summary: string, answer: DescribedAnswer) =>
    described({ tags: ['operations'], summary, answers: { 200: answer } });

  app.get(
    '/api/v1/voice/webhook/health',
    health('voice', 'Whether a call would be taken now'),
    async (_request, reply) => sendReadiness(reply, await probe.probe()),
  );
  app.get(
    '/api/v1/whatsapp/webhook/health',
    health('whatsapp', 'Whether a message would be taken now'),
    async (_request, reply) => sendReadiness(reply, await probe.probeTwilio()),
  );
  app.get('/readyz', health('operations', 'Whether it can work now'), async (request, reply) =>
    sendReadiness(reply, await probe.probe(request.url)),
  );
  app.get('/healthz', operation('Whether the process lives', alive), async () => ({ status: 'ok' }));
  app.get('/metrics', operation('Metrics for Prometheus', metricsText), async (_request, reply) => {
    refreshGauges();
    const { contentType, body } = await metrics.render();
    return reply.type(contentType).send(body);
  });
}
