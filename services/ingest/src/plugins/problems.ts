import type { Logger } from '@switchboard/platform';
import {
  type Problem,
  problem,
  problemContentType,
  RequestProblem,
  toProblem,
} from '@switchboard/platform/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** While something is away the log says so again after that, not at each request. */
const saidAgainMs = 60_000;

/**
 * Every error leaves as `application/problem+json`; what broke on our side is logged, and never told.
 * @param now ms that only go on
 */
export function answerWithProblems(
  app: FastifyInstance,
  logger: Logger,
  now = () => performance.now(),
): void {
  const saidAt = new Map<string, number>();
  const isNews = (code: string) => {
    if (now() - (saidAt.get(code) ?? Number.NEGATIVE_INFINITY) < saidAgainMs) return false;
    saidAt.set(code, now());
    return true;
  };
  app.setErrorHandler((error, request, reply) => {
    const answer = toProblem(error);
    if (answer.status >= 500) logFailure(logger, answer, error, request, isNews);
    if (error instanceof RequestProblem) reply.headers(error.headers);
    return sendProblem(request, reply, answer);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, problem(404, 'not_found', 'There is nothing at this address.')),
  );
}

/** Answers with a problem, and which request it was. */
export function sendProblem<T extends Problem>(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: T,
): FastifyReply {
  const instance = request.url.split('?')[0];
  return (
    reply
      .code(answer.status)
      .type(problemContentType)
      // Bytes: to a text Fastify would add a charset, which this media type doesn't have.
      .send(Buffer.from(JSON.stringify({ ...answer, instance, request_id: request.id })))
  );
}

/** Answers methods that a path doesn't have with 405, without reading a body. */
export function refuseOtherMethods(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  const all = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
  const allow = allowed.join(', ');
  app.route({
    url,
    method: all.filter((method) => !allowed.includes(method)),
    schema: { hide: true },
    onRequest: async (request, reply) => {
      reply.header('allow', allow);
      return sendProblem(request, reply, problem(405, 'method_not_allowed', `Only ${allow}.`));
    },
    handler: async () => undefined,
  });
}

/** 503 is an engine's doing, and every request gets it: one line says why, those of the others are at a lower level. */
function logFailure(
  logger: Logger,
  { status, code }: Problem,
  error: unknown,
  request: FastifyRequest,
  isNews: (code: string) => boolean,
): void {
  const line = { request_id: request.id, route: request.routeOptions.url, status, code };
  if (status !== 503) logger.error({ ...line, error }, 'request failed');
  else if (isNews(code)) logger.warn({ ...line, error }, 'not available');
  else logger.debug(line, 'not available');
}
