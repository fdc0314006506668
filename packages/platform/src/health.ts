import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeError } from './errors.ts';
import type { Metrics } from './metrics.ts';

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
    void checkReadiness(options.checks).then(({ ready, checks }) =>
      sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks }),
    );
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
