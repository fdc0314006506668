import { explainTlsFault, SwitchboardError } from '@switchboard/platform';

/** Why a file was not fetched. Stored with the record, and shown. */
export const fetchFaults = [
  'address_refused',
  'host_not_allowed',
  'not_resolved',
  'not_connected',
  'tls_failed',
  'timeout',
  'too_many_redirects',
  'refused',
  'gone',
  'server_failed',
  'encoded',
  'interrupted',
  'too_large',
  'wrong_type',
  'wrong_checksum',
] as const;
export type FetchFault = (typeof fetchFaults)[number];

/** What another try would end with too. */
const final: readonly FetchFault[] = ['gone', 'too_large', 'wrong_type'];

const messages: Record<FetchFault, string> = {
  address_refused: 'the address of a file, or one that it leads to, may not be connected to',
  host_not_allowed: 'the host of a file is none that the clinic allows',
  not_resolved: 'the host of a file leads to no address',
  not_connected: 'the host of a file cannot be reached',
  tls_failed: 'the host of a file has no certificate that is trusted',
  timeout: 'a file took too long',
  too_many_redirects: 'a file was sent on too often',
  refused: 'the host of a file refused to give it',
  gone: 'the host of a file says that it is gone for good',
  server_failed: 'the host of a file failed',
  encoded: 'a file came in an encoding that was not asked for',
  interrupted: 'a file broke off',
  too_large: 'a file is larger than is allowed',
  wrong_type: 'a file is not of a type that is taken',
  wrong_checksum: 'a file is not the one whose checksum was told',
};

/** A SwitchboardError with a {@link FetchFault} as its code, retryable where another try may end otherwise. */
export function fetchError(fault: FetchFault, cause?: unknown): SwitchboardError {
  return new SwitchboardError(fault, messages[fault], { retryable: !final.includes(fault), cause });
}

/** The fault that an error is, if it is one of a fetch. */
export function faultOf(error: unknown): FetchFault | undefined {
  const code = error instanceof SwitchboardError ? error.code : undefined;
  return fetchFaults.find((fault) => fault === code);
}

const noAuthorities = { authorities: '', address: '', tls: '' };

/** What a connection failed of, before its answer came. */
export function connectionError(error: unknown, signal: AbortSignal): SwitchboardError {
  if (signal.aborted) return fetchError('timeout', error);
  const fault = faultOf(error);
  if (fault) return fetchError(fault, error);
  return fetchError(
    explainTlsFault(error, noAuthorities) === undefined ? 'not_connected' : 'tls_failed',
    error,
  );
}
