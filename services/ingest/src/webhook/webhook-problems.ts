import { type ProblemError, RequestProblem } from '@switchboard/platform/problem';
import type { QuotaState } from '@switchboard/platform/quota';
import type { RefusalReason } from '../signatures/check-signatures.ts';

/** Seconds after which a vendor may try again. */
const retryAfterSeconds = 2;

/** 503: nothing is wrong with the request, and the same one will be taken later. */
export function comeAgain(code: string, detail: string, cause?: unknown): RequestProblem {
  return new RequestProblem(503, code, detail, {
    headers: { 'retry-after': String(retryAfterSeconds) },
    cause,
  });
}

export function tooMany({ limit, remaining, resetSeconds }: QuotaState): RequestProblem {
  return new RequestProblem(429, 'rate_limited', 'Too many requests. Wait as long as Retry-After says.', {
    headers: {
      'retry-after': String(resetSeconds),
      'ratelimit-limit': String(limit),
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': String(resetSeconds),
    },
  });
}

export function bodyTooLarge(limit: number): RequestProblem {
  return new RequestProblem(413, 'body_too_large', `A body may have ${limit} bytes at most.`);
}

/**
 * 401. What can be seen without knowing a tenant or a secret is told; everything else is one and the same answer, so
 * that nobody learns which tenants there are.
 */
export function refused(reason: RefusalReason): RequestProblem {
  const { code, detail } = refusals[reason];
  return new RequestProblem(401, code, detail, { headers: { 'www-authenticate': 'Webhook-Signature' } });
}

export function invalid(
  status: 400 | 422,
  code: string,
  detail: string,
  errors: readonly ProblemError[],
): RequestProblem {
  return new RequestProblem(status, code, detail, { errors: [...errors] });
}

const invalidSignature = {
  code: 'signature_invalid',
  detail: 'The signature is not right for this address and body, or no such webhook exists.',
};
const refusals: Record<RefusalReason, { code: string; detail: string }> = {
  missing: {
    code: 'signature_missing',
    detail:
      'Sign the body: webhook-signature (Standard Webhooks) or X-Zoice-Signature; another vendor signs as it does, Twilio by X-Twilio-Signature.',
  },
  stale: {
    code: 'signature_expired',
    detail:
      'The signature is more than 5 minutes old or ahead. Sign each attempt anew, with a clock that is right.',
  },
  repeated_header: { code: 'signature_invalid', detail: 'A signature header may be there once only.' },
  malformed: { code: 'signature_invalid', detail: 'A signature header is not of its form.' },
  wrong: invalidSignature,
  unknown_tenant: invalidSignature,
  mode_off: invalidSignature,
};
