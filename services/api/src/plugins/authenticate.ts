import { RequestProblem } from '@switchboard/platform/problem';
import type { QuotaState } from '@switchboard/platform/quota';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Caller, may, type Right } from '../auth/caller.ts';
import type { Identify } from '../auth/identify.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

export interface LimitOptions {
  addressPerMinute: number;
  /** Counts a request of a tenant. */
  takeQuota(tenantId: string): Promise<QuotaState>;
}

/** A hook that lets a route's handler run only for a caller with this right. */
export type Allow = (right: Right | null) => (request: FastifyRequest) => Promise<void>;

/**
 * Limits each address before the proof, so that guessing keys and filling a clinic's quota from outside are slow, and
 * each tenant after it.
 */
export function authenticate(app: FastifyInstance, identify: Identify, limits: LimitOptions): Allow {
  app.decorateRequest('caller', null);
  const byAddress = app.createRateLimit({ max: limits.addressPerMinute, timeWindow: 60_000 });
  app.addHook('onRequest', async (request) => refuseExceeded(await byAddress(request)));
  return (right) =>
    async function requireRight(request) {
      const caller = await identify(request);
      if (!caller)
        throw new RequestProblem(401, 'not_authenticated', 'Log in, or send a valid API key in X-API-Key.', {
          headers: { 'www-authenticate': 'Bearer realm="switchboard"' },
        });
      request.caller = caller;
      const quota = await limits.takeQuota(caller.tenantId);
      if (!quota.allowed) throw tooManyRequests(quota.limit, quota.resetSeconds);
      if (right !== null && !may(caller, right))
        throw new RequestProblem(403, 'not_allowed', 'Your role or key does not include this.');
    };
}

type Limited = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;

/** @throws RequestProblem 429 with `Retry-After` and the `RateLimit-*` headers. */
function refuseExceeded(state: Limited): void {
  if (state.isAllowed || !state.isExceeded) return;
  throw tooManyRequests(state.max, state.ttlInSeconds);
}

/** A 429 that says when to come again. */
export function tooManyRequests(limit: number, seconds: number): RequestProblem {
  const wait = String(Math.max(1, seconds));
  return new RequestProblem(429, 'rate_limited', 'Too many requests. Come again later.', {
    headers: {
      'retry-after': wait,
      'ratelimit-limit': String(limit),
      'ratelimit-remaining': '0',
      'ratelimit-reset': wait,
    },
  });
}

/** The caller of a request behind {@link authenticate}. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new RequestProblem(401, 'not_authenticated', 'Log in, or send a valid API key.');
  return request.caller;
}

/** The user who asks, for what only people do. */
export function userOf(request: FastifyRequest): Extract<Caller, { kind: 'user' }> {
  const caller = callerOf(request);
  if (caller.kind !== 'user')
    throw new RequestProblem(403, 'not_allowed', 'This is for people who are logged in, not for keys.');
  return caller;
}

/** Who asks and in which request, as the audit log has it. */
export function auditedBy(request: FastifyRequest) {
  const { tenantId, kind, id } = callerOf(request);
  return { tenantId, actorKind: kind, actorId: id, requestId: request.id };
}
