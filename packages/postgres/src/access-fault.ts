import { SwitchboardError } from '@switchboard/platform/errors';
import { codesOf, explainTlsFault } from '@switchboard/platform/tls-faults';
import pg from 'pg';

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** A client that says which setting is wrong when it is not let in; whatever else goes wrong stays as it is. */
export class ExplainingClient extends pg.Client {
  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    const connected = super.connect().catch((error: unknown) => {
      throw accessFaultOf(error) === undefined ? error : postgresUnavailable(error);
    });
    if (!callback) return connected;
    connected.then(
      () => Reflect.apply(callback, undefined, [null, this]),
      (error: unknown) => Reflect.apply(callback, undefined, [error]),
    );
    return undefined;
  }
}

/** What kept a connection from being made, as one of our errors; all of it may be put right without this process. */
export function postgresUnavailable(cause: unknown): SwitchboardError {
  if (cause instanceof SwitchboardError) return cause;
  const message = accessFaultOf(cause);
  return message === undefined
    ? new SwitchboardError('postgres_unavailable', 'Postgres cannot be reached', { retryable: true, cause })
    : new SwitchboardError('postgres_access_refused', message, { retryable: true, cause });
}

/** Which part of DATABASE_URL keeps this process out. */
function accessFaultOf(error: unknown): string | undefined {
  const tls = explainTlsFault(error, {
    authorities: 'sslrootcert in DATABASE_URL',
    address: 'DATABASE_URL',
    tls: 'sslmode in DATABASE_URL',
  });
  if (tls !== undefined) return `Postgres is not reached over TLS: ${tls}`;
  if (error instanceof Error && error.message === 'The server does not support SSL connections') {
    return 'Postgres does not speak TLS: check sslmode in DATABASE_URL';
  }
  for (const code of codesOf(error)) {
    const said = refusals.get(code);
    if (said !== undefined) return said;
  }
  return undefined;
}

const refusals = new Map([
  ['28P01', 'Postgres refuses the login: check user and password in DATABASE_URL'],
  [
    '28000',
    'Postgres does not let this user in from here, or not without TLS: check user and sslmode in DATABASE_URL',
  ],
  ['3D000', 'Postgres has no such database: check the end of DATABASE_URL'],
]);
