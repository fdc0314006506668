import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Blocks } from './body.ts';

/** What a request asks for, apart from its body. */
export interface QueryRequest {
  readonly query: string;
  readonly queryId: string;
  /** Nobody else's: what this request runs is found by it. A client may give two requests one `query_id`. */
  readonly tag: string;
  readonly database: string | undefined;
  readonly defaultFormat: string;
  /** `param_x` of the URL, by the name x, in ClickHouse's text form. */
  readonly parameters: ReadonlyArray<readonly [name: string, value: string]>;
  readonly settings: ReadonlyArray<readonly [name: string, value: string]>;
  readonly session:
    | {
        readonly id: string;
        readonly timeoutSeconds: number;
        readonly mustExist: boolean;
        /** It is not kept any longer. */
        readonly close: boolean;
      }
    | undefined;
  /** A GET may not change anything, as with ClickHouse's own server. */
  readonly readonly: boolean;
}

/** Parameters of the HTTP interface itself; every other one is a setting. */
const OWN = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'stacktrace',
  'compress',
  'decompress',
  'buffer_size',
  'wait_end_of_query',
  'session_id',
  'session_timeout',
  'session_check',
  'close_session',
  'client_protocol_version',
  'http_native_compression_disable_checksumming_on_decompress',
]);

const DEFAULT_SESSION_SECONDS = 60;

/** Reads the URL and the headers of a request. */
export function readQueryRequest(request: IncomingMessage, url: URL): QueryRequest {
  const search = url.searchParams;
  const parameters: Array<readonly [string, string]> = [];
  const settings: Array<readonly [string, string]> = [];
  for (const [name, value] of search) {
    if (name.startsWith('param_')) parameters.push([name.slice('param_'.length), value]);
    else if (!OWN.has(name)) settings.push([name, value]);
  }
  const id = search.get('session_id');
  return {
    query: search.get('query') ?? '',
    queryId: search.get('query_id') || header(request, 'x-clickhouse-query-id') || randomUUID(),
    tag: randomUUID(),
    database: header(request, 'x-clickhouse-database') || search.get('database') || undefined,
    defaultFormat: header(request, 'x-clickhouse-format') || search.get('default_format') || 'TabSeparated',
    parameters,
    settings,
    session: id ? sessionOf(id, search) : undefined,
    readonly: request.method === 'GET' || request.method === 'HEAD',
  };
}

/** How an answer is packed, an exception too. */
export interface Packing {
  /** By `compress=1`: into ClickHouse's own blocks. */
  readonly blocks: boolean;
  /** By `enable_http_compression=1`: as the client's Accept-Encoding says. */
  readonly encoded: boolean;
}

/** How the answer is to be packed. */
export function packingOf({ searchParams }: URL): Packing {
  return {
    blocks: isOn(searchParams.get('compress')),
    encoded: isOn(searchParams.get('enable_http_compression')),
  };
}

/** How the request's body is packed. */
export function blocksOf({ searchParams }: URL): Blocks {
  if (!isOn(searchParams.get('decompress'))) return 'none';
  return isOn(searchParams.get('http_native_compression_disable_checksumming_on_decompress'))
    ? 'unverified'
    : 'verified';
}

/** The value of a header that may stand once. */
export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}

function sessionOf(id: string, search: URLSearchParams): QueryRequest['session'] {
  const seconds = Number(search.get('session_timeout') ?? DEFAULT_SESSION_SECONDS);
  return {
    id,
    timeoutSeconds:
      Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) : DEFAULT_SESSION_SECONDS,
    mustExist: isOn(search.get('session_check')),
    close: isOn(search.get('close_session')),
  };
}

function isOn(value: string | null): boolean {
  return value === '1' || value === 'true';
}
