import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '@switchboard/platform';
import { documentPaths } from '@switchboard/platform/http-documents';
import { problem, problemContentType } from '@switchboard/platform/problem';
import { rememberUnusedConnections } from '@switchboard/platform/unused-connections';
import { type FastifyHttpOptions, type FastifyInstance, fastify } from 'fastify';
import type { TakeClinicEvents } from './clinic-events/take-clinic-events.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import { describeIngest } from './openapi/describe.ts';
import { observeRequests } from './plugins/observe.ts';
import { answerWithProblems, refuseOtherMethods } from './plugins/problems.ts';
import { clinicEventsRoutes } from './routes/clinic-events.ts';
import { type OperationsOptions, operationsRoutes } from './routes/operations.ts';
import { voiceWebhookRoutes } from './routes/voice-webhook.ts';
import { whatsappWebhookRoutes } from './routes/whatsapp-webhook.ts';
import type { TakeVoiceWebhook } from './webhook/take-voice-webhook.ts';
import type { TakeWhatsappWebhook } from './whatsapp/take-whatsapp-webhook.ts';

export interface AppOptions {
  takeVoiceWebhook: TakeVoiceWebhook;
  takeWhatsappWebhook: TakeWhatsappWebhook;
  takeClinicEvents: TakeClinicEvents;
  operations: OperationsOptions;
  metrics: IngestMetrics;
  logger: Logger;
  /** Proxies whose `X-Forwarded-For` is believed: how many hops, or their addresses. */
  trustProxy: false | number | string[];
  /** A whole request must be here within this, ms. */
  requestTimeoutMs: number;
}

/** The HTTP side of ingest, not listening yet. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { logger, metrics, operations, trustProxy } = options;
  const serverOptions: FastifyHttpOptions<Server> = {
    genReqId: () => randomUUID(),
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : trustProxy,
    requestTimeout: options.requestTimeoutMs,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
    http: { headersTimeout: Math.min(10_000, options.requestTimeoutMs), connectionsCheckingInterval: 2_000 },
    // Connections that are open while we stop still get their answer, and `connection: close` with it.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    frameworkErrors: (_error, request, reply) => {
      const answer = { ...problem(400, 'bad_request', 'The address is not valid.'), request_id: request.id };
      reply.hijack();
      reply.raw.writeHead(400, { 'content-type': problemContentType }).end(JSON.stringify(answer));
    },
    clientErrorHandler: answerBrokenHttp,
  };
  const app = fastify(serverOptions);
  const endUnused = rememberUnusedConnections(app.server);
  app.addHook('preClose', async () => endUnused());
  // The body stays a stream: the webhook reads its raw bytes itself, after its headers passed.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));

  observeRequests(app, { metrics, logger, isDraining: operations.probe.isDraining });
  answerWithProblems(app, logger);
  await describeIngest(app);
  voiceWebhookRoutes(app, options.takeVoiceWebhook);
  whatsappWebhookRoutes(app, options.takeWhatsappWebhook);
  clinicEventsRoutes(app, options.takeClinicEvents);
  operationsRoutes(app, operations);

  for (const url of [
    '/api/v1/voice/webhook',
    '/api/v1/voice/webhook/:tenant',
    '/api/v1/whatsapp/webhook',
    '/api/v1/whatsapp/webhook/:tenant',
    '/api/v1/events',
  ])
    refuseOtherMethods(app, url, ['POST']);
  for (const url of [
    '/api/v1/voice/webhook/health',
    '/api/v1/whatsapp/webhook/health',
    '/healthz',
    '/readyz',
    '/metrics',
    ...documentPaths,
  ])
    refuseOtherMethods(app, url, ['GET', 'HEAD']);
  return app;
}

/** What is no HTTP, too slow or too long in its headers never becomes a request. */
function answerBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? problem(408, 'request_timeout', 'The request took too long to arrive.')
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? problem(431, 'headers_too_large', 'The headers are too large.')
        : problem(400, 'bad_request', 'This is not HTTP/1.1.');
  const body = JSON.stringify(answer);
  socket.end(
    `HTTP/1.1 ${answer.status} ${answer.title}\r\nContent-Type: ${problemContentType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
