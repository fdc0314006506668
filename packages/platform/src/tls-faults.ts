/** The settings that decide how one engine is reached over TLS. */
export interface TlsSettings {
  /** Where its authorities are named, e.g. `CLICKHOUSE_CA`. */
  authorities: string;
  /** Where its host is named. */
  address: string;
  /** What turns TLS on. */
  tls: string;
}

const untrusted = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);
const outOfDate = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/**
 * Says which setting to look at after a TLS handshake that failed for good; undefined when it was no such thing.
 * The codes are those of Node's `tls` (https://nodejs.org/api/tls.html#x509-certificate-error-codes) and OpenSSL.
 */
export function explainTlsFault(error: unknown, settings: TlsSettings): string | undefined {
  for (const code of codesOf(error)) {
    if (untrusted.has(code)) {
      return `its certificate is signed by no authority that is trusted here: check ${settings.authorities}`;
    }
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
      return `its certificate is for another host: check the host in ${settings.address}`;
    }
    if (outOfDate.has(code)) return 'its certificate has expired, or is not valid yet';
    if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
      return `it does not speak TLS as this side does: check ${settings.tls}`;
    }
  }
  return undefined;
}

/** The codes of an error and of what caused it, outermost first. */
export function codesOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const code: unknown = Reflect.get(error, 'code');
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [
    ...(typeof code === 'string' ? [code] : []),
    ...inner.flatMap((cause: unknown) => codesOf(cause, depth + 1)),
  ];
}
