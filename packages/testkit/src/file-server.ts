import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

/** What a server of files was asked. */
export interface FileAsked {
  path: string;
  host: string;
  authorization: string | undefined;
}

export type FileAnswer = (response: ServerResponse, request: IncomingMessage) => void;

export interface FileServer {
  /** Without a path. */
  url: string;
  port: number;
  asked: FileAsked[];
  /** Requests that have no end yet. */
  open(): number;
  /** What a path answers with from now on; 404 unless told. */
  serve(path: string, answer: FileAnswer | Buffer): void;
  close(): Promise<void>;
}

export interface FileServerOptions {
  /** Of this machine; 127.0.0.1 unless told. */
  address?: string;
  /** PEM; plain HTTP unless given. */
  tls?: { key: string; cert: string };
}

/** A host of recordings and media, as good or as bad as its answers. */
export async function startFileServer({
  address = '127.0.0.1',
  tls,
}: FileServerOptions = {}): Promise<FileServer> {
  const answers = new Map<string, FileAnswer | Buffer>();
  const asked: FileAsked[] = [];
  let open = 0;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    open += 1;
    response.once('close', () => {
      open -= 1;
    });
    response.on('error', () => undefined);
    const path = request.url ?? '';
    asked.push({ path, host: request.headers.host ?? '', authorization: request.headers.authorization });
    const answer = answers.get(path.split('?')[0] ?? '');
    if (typeof answer === 'function') answer(response, request);
    else if (answer) response.writeHead(200, { 'content-length': answer.length }).end(answer);
    else response.writeHead(404).end();
  };
  const server: Server = tls ? createTlsServer(tls, handle) : createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const where = server.address();
  const port = typeof where === 'object' && where !== null ? where.port : 0;
  return {
    url: `${tls ? 'https' : 'http'}://${address}:${port}`,
    port,
    asked,
    open: () => open,
    serve: (path, answer) => answers.set(path, answer),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with bytes that never end, as fast as they are taken. */
export const endless: FileAnswer = (response) => {
  response.writeHead(200);
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
  };
  response.on('drain', more);
  more();
};

/** Answers with a byte now and then, without an end. */
export const dripping: FileAnswer = (response) => {
  response.writeHead(200);
  const drip = setInterval(() => response.write('.'), 20);
  response.once('close', () => clearInterval(drip));
};

/** Sends elsewhere. */
export const sentTo =
  (location: string, status = 302): FileAnswer =>
  (response) => {
    response.writeHead(status, { location }).end();
  };
