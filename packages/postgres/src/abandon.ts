import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

declare module 'pg' {
  // What the driver has and its types do not tell.
  interface ClientConfig {
    sslNegotiation?: 'postgres' | 'direct';
  }
  interface Connection {
    readonly sslNegotiation: 'postgres' | 'direct';
    connect(portOrSocket: number | string, host?: string): void;
    requestSsl(): void;
    cancel(processId: number, secretKey: number): void;
  }
  interface ClientBase {
    readonly connection: Connection;
    readonly host: string;
    readonly port: number;
    readonly ssl: object | boolean;
    readonly processID: number;
    readonly secretKey: number;
  }
}

/** So long after it was abandoned a transaction whose server is silent loses its connection, ms. */
const SILENT_MS = 2_000;
/** Longest way to tell the server, ms. */
const TELL_MS = 1_000;

export interface Abandoning {
  /** Whether the server ends nothing on this connection any more. False: what it was told may still reach it. */
  told: Promise<boolean>;
  /** To call when the connection is given back. */
  over(): void;
}

/**
 * Ends an open transaction that nobody waits for any more, whatever it waits for, and keeps its connection: a new one costs a
 * busy server more than most transactions do. It can only be rolled back from here on.
 * @param begun of its BEGIN: a statement that came before it was answered might be done outside
 */
export function abandon(client: pg.PoolClient, begun: Promise<unknown> | undefined): Abandoning {
  const silent = setTimeout(() => client.connection.stream.destroy(), SILENT_MS);
  // Behind all that was sent: what its work sends next fails, though nothing was there to be ended.
  client.query(`DO $$BEGIN RAISE 'the transaction was abandoned'; END$$`).catch(() => undefined);
  return {
    told: Promise.resolve(begun).then(
      () => endStatement(client),
      () => true,
    ),
    over: () => clearTimeout(silent),
  };
}

/** Asks the server, by a connection that nobody logs in on, to end what a client's connection is doing. @returns whether it did */
async function endStatement(client: pg.PoolClient): Promise<boolean> {
  const { host, port, ssl, processID, secretKey } = client;
  const { sslNegotiation } = client.connection;
  const asking = new pg.Connection({ ssl, sslNegotiation });
  asking.on(ssl ? 'sslconnect' : 'connect', () => asking.cancel(processID, secretKey));
  if (ssl && sslNegotiation !== 'direct') asking.on('connect', () => asking.requestSsl());
  const late = new AbortController();
  try {
    // The server closes it when it is done.
    const closed = once(asking, 'end', { signal: late.signal }).then(() => true);
    if (host.startsWith('/')) asking.connect(`${host}/.s.PGSQL.${port}`);
    else asking.connect(port, host);
    return await Promise.race([closed, sleep(TELL_MS, false, { signal: late.signal })]);
  } catch {
    return false;
  } finally {
    late.abort();
    asking.on('error', () => undefined);
    asking.stream.destroy();
  }
}
