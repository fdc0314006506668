import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeError } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { RequestProblem, toProblem } from './problem.ts';

/** A part's readiness: resolves when it could work now, throws when not. */
export type Check = () => Promise<void> | void;

export interface Readiness {
  ready: boolean;
  checks: Record<string, 'ok' | string>;
}

/** Runs all checks, each at most `timeoutMs`. */
export async function checkReadiness(checks: Record<string, Check>, timeoutMs = 1_500): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check, timeoutMs)] as const),
  );
  return { ready: results.every(([, result]) => result === 'ok'), checks: Object.fromEntries(results) };
}

/**
 * Checks that a request for `/readyz` asks for: all but those that its `exclude` names, as Kubernetes' own has it. An engine that is
 * away is away for every process, so that a load balancer that heeds it would have nobody left to send to.
 * @param url of the request, from its path on
 * @throws RequestProblem 400 `unknown_check` for a name that is no check's: a probe that asks for it never gets ready, and is noticed
 */
export function checksAskedFor(url: string, checks: Record<string, Check>): Record<string, Check> {
  const excluded = new URL(url, 'http://localhost').searchParams.getAll('exclude');
  if (excluded.some((name) => !Object.hasOwn(checks, name))) {
    const names = Object.keys(checks).join(', ');
    throw new RequestProblem(400, 'unknown_check', `exclude must be one of ${names}.`);
  }
  return Object.fromEntries(Object.entries(checks).filter(([name]) => !excluded.includes(name)));
}

export interface HealthServerOptions {
  host: string;
  port: number;
  metrics: Metrics;
  checks: Record<string, Check>;
}

export interface HealthServer {
  port: number;
  stop(): Promise<void>;
}

/** `/healthz`, `/readyz` and `/metrics` for a service that has no HTTP of its own. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return sendJson(response, 200, { status: 'ok' });
    if (path === '/metrics') {
      options.metrics.render().then(
        ({ contentType, body }) => response.writeHead(200, { 'content-type': contentType }).end(body),
        () => sendJson(response, 500, { status: 'error' }),
      );
      return;
    }
    if (path !== '/readyz') return sendJson(response, 404, { status: 'not found' });
    void answerReadiness(request.url ?? '', options.checks, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: isAddressInfo(address) ? address.port : options.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerReadiness(
  url: string,
  all: Record<string, Check>,
  response: ServerResponse,
): Promise<void> {
  try {
    const { ready, checks } = await checkReadiness(checksAskedFor(url, all));
    sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks });
  } catch (error) {
    const { status, detail } = toProblem(error);
    sendJson(response, status, { status: 'bad request', detail });
  }
}

async function runCheck(check: Check, timeoutMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('timeout')), timeoutMs);
    });
    await Promise.race([check(), late]);
    return 'ok';
  } catch (error) {
    const { code, message } = describeError(error);
    return message ?? code ?? 'not reachable';
  } finally {
    clearTimeout(timer);
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
