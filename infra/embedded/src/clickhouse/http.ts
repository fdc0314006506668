import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { authenticate } from './authenticate.ts';
import { EMPTY_BODY, readBody } from './body.ts';
import { exception, fromEngine } from './exception.ts';
import { type Execution, execute } from './execute.ts';
import { readForm } from './form.ts';
import { blocksOf, type Packing, packingOf, readQueryRequest } from './query-request.ts';
import { respond, respondException } from './respond.ts';
import type { User } from './users.ts';

export interface HttpOptions extends Execution {
  readonly users: readonly User[];
  readonly version: string;
  readonly timezone: string;
}

/** ClickHouse's own limit: clients put long parameters into the URL. */
const URL_BYTES = 1024 * 1024;

/** ClickHouse's HTTP interface on an engine. */
export function createHttpServer(options: HttpOptions): Server {
  const server = createServer(
    { keepAliveTimeout: 30_000, requestTimeout: 0, maxHeaderSize: URL_BYTES },
    (request, response) => {
      void handle(options, request, response).catch((error: unknown) =>
        fail(error, options, request, response),
      );
    },
  );
  server.headersTimeout = 60_000;
  return server;
}

async function fail(
  error: unknown,
  { version }: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  packing?: Packing,
): Promise<void> {
  await respondException(request, response, fromEngine(error), version, packing).catch(() =>
    response.destroy(),
  );
}

async function handle(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = urlOf(request);
  response.setHeader('X-ClickHouse-Server-Display-Name', 'switchboard');
  response.setHeader('X-ClickHouse-Timezone', options.timezone);
  if (url.pathname === '/ping' || url.pathname === '/replicas_status') return plain(response, 200, 'Ok.\n');
  if (url.pathname !== '/') return plain(response, 404, `There is no handle ${url.pathname.slice(0, 128)}\n`);
  if (request.method === 'OPTIONS') return plain(response, 204, '');
  if (!['GET', 'HEAD', 'POST'].includes(request.method ?? ''))
    return plain(response, 501, 'Unknown HTTP method\n');
  if (request.method !== 'POST' && !url.searchParams.has('query')) return plain(response, 200, 'Ok.\n');

  const user = authenticate(request, url, options.users);
  const packing = packingOf(url);
  await answer(options, user, url, packing, request, response).catch((error: unknown) =>
    fail(error, options, request, response, packing),
  );
}

async function answer(
  options: HttpOptions,
  user: User,
  url: URL,
  packing: Packing,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, blocksOf(url));
  const form = await readForm(request, body);
  for (const [name, value] of form ?? []) url.searchParams.append(name, value);
  const query = readQueryRequest(request, url);
  response.setHeader('X-ClickHouse-Query-Id', query.queryId.replaceAll(/[^\x20-\x7e]/g, '?'));
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (response.destroyed) gone.abort();
  const outcome = await execute(options, user, query, form ? EMPTY_BODY : body, gone.signal);
  await respond(request, response, outcome, options.spool, packing);
}

function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://localhost');
  } catch {
    throw exception(408, 'BAD_REQUEST_PARAMETER', 'The request target is not a URL');
  }
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.end(text);
}
