import { codesOf, explainTlsFault } from '@switchboard/platform';
import { readRetryAfter } from '../webhooks/schedule.ts';
import { TwilioRefusal } from './twilio-client.ts';

/** What an attempt that did not succeed means for the message. */
export type SendFault =
  /** Certainly not taken, and it may be later. */
  | { kind: 'passing'; code: string; retryAfterMs: number | undefined }
  /** Certainly not taken, now or later. */
  | { kind: 'refused'; code: string }
  /** Nobody knows. */
  | { kind: 'unclear'; code: string };

/** Before a connection stood, nothing was asked. */
const unconnected = new Set(['connect', 'getaddrinfo', 'queryA', 'queryAaaa']);
const noAuthorities = { authorities: '', address: '', tls: '' };

/**
 * Judges an error of an attempt to send. Only what certainly happened before Twilio took the message, or Twilio's own word
 * that it did not, allows another attempt.
 * @param nowMs to read a date of `Retry-After`
 */
export function judgeFault(error: unknown, nowMs: number): SendFault {
  if (error instanceof TwilioRefusal) {
    const code = error.twilioCode === undefined ? `http_${error.status}` : String(error.twilioCode);
    if (error.status === 429)
      return { kind: 'passing', code, retryAfterMs: readRetryAfter(error.retryAfter, nowMs) };
    return { kind: error.status < 500 ? 'refused' : 'unclear', code };
  }
  if (isUnconnected(error)) return { kind: 'passing', code: 'not_connected', retryAfterMs: undefined };
  const codes = codesOf(error);
  // A handshake that fails for the certificate; other faults of TLS may come after the message went.
  if (
    explainTlsFault(error, noAuthorities) &&
    !codes.some((code) => code === 'EPROTO' || code.startsWith('ERR_SSL_'))
  )
    return { kind: 'passing', code: 'tls_failed', retryAfterMs: undefined };
  const isLate = codes.some((code) => code === 'ECONNABORTED' || code === 'ETIMEDOUT');
  return { kind: 'unclear', code: isLate ? 'timeout' : 'no_answer' };
}

function isUnconnected(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false;
  const syscall: unknown = Reflect.get(error, 'syscall');
  if (typeof syscall === 'string') return unconnected.has(syscall);
  const inner: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return inner.length > 0 && inner.every((cause) => isUnconnected(cause, depth + 1));
}
