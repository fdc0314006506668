import http from 'node:http';
import https from 'node:https';
import {
  explainTlsFault,
  SwitchboardError,
  type WebhookTargets,
  webhookTargetFault,
} from '@switchboard/platform';
import { createCheckedLookup } from '@switchboard/platform/checked-lookup';
import { isPublicAddress } from '@switchboard/platform/public-address';
import type { ResolveHost } from '@switchboard/platform/resolve-host';
import type { DeliveryFault } from '@switchboard/postgres/webhooks/deliveries';

export interface PostOptions {
  /** Until the head of the answer is there, from the look-up of the name on, ms. */
  timeoutMs: number;
  targets: WebhookTargets;
  resolve: ResolveHost;
}

export interface WebhookRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What came of it: a status, or why there is none. */
export type Answer = { status: number; retryAfter?: string } | { fault: DeliveryFault };

/** Of a body that nobody reads; a receiver that sends more is hung up on. */
const bodyLimit = 16 * 1024;

/**
 * Posts once and follows no redirect. Where only public addresses are allowed, those that the name leads to are looked at
 * in the very look-up whose answer is connected to, so that a name can't lead elsewhere a moment later.
 */
export async function postWebhook(request: WebhookRequest, options: PostOptions): Promise<Answer> {
  if (webhookTargetFault(request.url, options.targets) !== undefined) return { fault: 'address_refused' };
  const signal = AbortSignal.timeout(options.timeoutMs);
  try {
    return await send(request, options, signal);
  } catch (error) {
    return { fault: faultOf(error, signal) };
  }
}

function send(
  { url, headers, body }: WebhookRequest,
  { resolve, targets }: PostOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const client = url.startsWith('https:') ? https : http;
  return new Promise((done, fail) => {
    const request = client.request(url, {
      method: 'POST',
      // Nothing of one attempt is left for the next, neither a connection nor where it led.
      agent: false,
      signal,
      lookup: createCheckedLookup({
        resolve,
        isAllowed: (address) => targets.WEBHOOKS_ALLOW_PRIVATE || isPublicAddress(address),
      }),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'Switchboard-Webhooks/1',
      },
    });
    request.on('error', fail);
    request.on('response', (response) => {
      let read = 0;
      response.on('error', () => undefined);
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > bodyLimit) response.destroy();
      });
      done({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
    });
    request.end(body);
  });
}

const ownFaults: readonly DeliveryFault[] = ['not_resolved', 'address_refused'];
const noAuthorities = { authorities: '', address: '', tls: '' };

function faultOf(error: unknown, signal: AbortSignal): DeliveryFault {
  if (signal.aborted) return 'timeout';
  const code = error instanceof SwitchboardError ? error.code : undefined;
  return (
    ownFaults.find((fault) => fault === code) ??
    (explainTlsFault(error, noAuthorities) === undefined ? 'not_connected' : 'tls_failed')
  );
}
