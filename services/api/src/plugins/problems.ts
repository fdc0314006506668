import { type Logger, SwitchboardError } from '@switchboard/platform';
import {
  type Problem,
  problem,
  problemContentType,
  RequestProblem,
  toProblem,
} from '@switchboard/platform/problem';
import { isTransient, whyAway } from '@switchboard/postgres';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fhirContentType, toOperationOutcome } from '../fhir/operation-outcome.ts';

const stores = new Set([
  'postgres_unavailable',
  'postgres_access_refused',
  'clickhouse_unavailable',
  'clickhouse_access_refused',
  'clickhouse_refused',
  'object_store_unavailable',
]);

/** Every error leaves as `application/problem+json`; what broke on our side is logged, and never told. */
export function answerWithProblems(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((given, request, reply) => {
    const error = isStoreAway(given)
      ? new RequestProblem(503, 'store_unavailable', 'A store that holds the answer is away. Try again.', {
          headers: { 'retry-after': '2' },
          cause: given,
        })
      : given;
    const answer = toProblem(error);
    if (answer.status >= 500) {
      const line = { request_id: request.id, route: request.routeOptions.url, status: answer.status };
      if (answer.status === 503) logger.warn({ ...line, why: whyAway(given), error: given }, 'store is away');
      else logger.error({ ...line, error: given }, 'request failed');
    }
    if (error instanceof RequestProblem) reply.headers(error.headers);
    return sendProblem(request, reply, answer);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, problem(404, 'not_found', 'There is nothing at this address.')),
  );
}

/**
 * What is answered before any route is found, e.g. to an address whose percent-escapes are broken. It is not repeated:
 * nobody knows what it says.
 */
export function answerUnroutable(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-store' });
  sendProblem(request, reply, toProblem(error), null);
}

function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Problem,
  instance: string | null = request.url.split('?')[0] ?? null,
): FastifyReply {
  const path = request.url.split('?')[0] ?? '';
  if (path.startsWith('/fhir/'))
    return reply
      .code(answer.status)
      .type(fhirContentType)
      .serializer((payload: string) => payload)
      .send(JSON.stringify(toOperationOutcome(answer)));
  return reply
    .code(answer.status)
    .removeHeader('etag')
    .type(problemContentType)
    .serializer((payload: string) => payload)
    .send(JSON.stringify({ ...answer, ...(instance !== null && { instance }), request_id: request.id }));
}

function isStoreAway(error: unknown): boolean {
  if (error instanceof RequestProblem) return false;
  if (error instanceof SwitchboardError) return error.retryable && stores.has(error.code);
  return isTransient(error);
}
