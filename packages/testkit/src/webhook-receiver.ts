import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

/** What a clinic's system got. */
export interface ReceivedWebhook {
  id: string;
  payload: unknown;
  text: string;
  headers: IncomingHttpHeaders;
  /** Whether the official library finds the signature right. */
  verified: boolean;
}

/** How it answers: with a status; not at all; by hanging up; with a body that doesn't end. */
export type ReceiverAnswer =
  | { status: number; headers?: Record<string, string> }
  | 'nothing'
  | 'hang up'
  | 'endless';

export interface WebhookReceiver {
  url: string;
  received: ReceivedWebhook[];
  /** Whether what was received as the `index`th has a right signature by another secret. */
  verify(index: number, secret: string): boolean;
  /** Requests that it has not answered. */
  open(): number;
  /** The most of them at one time. */
  mostOpen(): number;
  /** What is answered from now on; 204 unless told. */
  answer(next: ReceiverAnswer | ((webhook: ReceivedWebhook) => ReceiverAnswer)): void;
  /** From now on each status comes so many ms late; 0: not any more. */
  slow(ms: number): void;
  /** Answers 204 to all that were left without an answer. */
  release(): void;
  close(): Promise<void>;
}

export interface WebhookReceiverOptions {
  /** `whsec_…` */
  secret: string;
  /** PEM; plain HTTP unless given. */
  tls?: { key: string; cert: string };
}

/** A clinic's own system, as far as webhooks go: a small real server that checks what it gets. */
export async function startWebhookReceiver({
  secret,
  tls,
}: WebhookReceiverOptions): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const waiting = new Set<() => void>();
  let answering: (webhook: ReceivedWebhook) => ReceiverAnswer = () => ({ status: 204 });
  let lateMs = 0;
  let open = 0;
  let mostOpen = 0;
  const handle: Parameters<typeof createServer>[1] = async (request, response) => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    response.once('close', () => {
      open -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const webhook = read(Buffer.concat(chunks).toString(), request.headers, secret);
    received.push(webhook);
    const answer = answering(webhook);
    if (answer === 'hang up') return request.socket.destroy();
    if (answer === 'nothing') {
      const end = () => response.writeHead(204).end();
      waiting.add(end);
      response.once('close', () => waiting.delete(end));
      return;
    }
    if (answer === 'endless') {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more).on('error', () => undefined);
      return more();
    }
    if (lateMs > 0) await sleep(lateMs, undefined, { ref: false });
    response.writeHead(answer.status, answer.headers).end();
  };
  const server: Server = tls ? createTlsServer(tls, handle) : createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = addressOf(server);
  return {
    url: `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}/hook`,
    received,
    verify(index, other) {
      const { text, headers } = received[index] ?? { text: '{}', headers: {} };
      return read(text, headers, other).verified;
    },
    open: () => open,
    mostOpen: () => mostOpen,
    answer(next) {
      answering = typeof next === 'function' ? next : () => next;
    },
    slow(ms) {
      lateMs = ms;
    },
    release() {
      for (const end of waiting) end();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function read(text: string, headers: IncomingHttpHeaders, secret: string): ReceivedWebhook {
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  let verified = true;
  try {
    new Webhook(secret).verify(text, given);
  } catch {
    verified = false;
  }
  return { id: given['webhook-id'] ?? '', payload: JSON.parse(text), text, headers, verified };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (typeof address === 'string' || address === null) throw new Error('the receiver does not listen');
  return address;
}
