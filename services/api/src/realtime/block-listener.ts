import { backoff, type Logger, sleep } from '@switchboard/platform';
import { connectDirect, type DirectConnection } from '@switchboard/postgres/blocks/direct-connection';
import { type InboxChange, inboxChannel, readInboxChange } from '@switchboard/postgres/messaging/notify';

export interface BlockListenerOptions {
  databaseUrl: string;
  logger: Logger;
  /** Facts of these tenants became visible; null: of any. */
  onBlock(tenantIds: readonly string[] | null): void;
  /** A conversation changed; null: some may have. */
  onConversation(change: InboxChange | null): void;
}

export interface BlockListener {
  /** Whether the server proved a moment ago that it still speaks to us. */
  isConnected(): boolean;
  stop(): Promise<void>;
}

/** Two questions in turn without an answer. A connection whose other end is gone without a word is silent for ever. */
const silenceMs = 5_000;
const lookMs = 500;
const channel = 'switchboard_block_done';

/**
 * Hears of every block that ClickHouse holds, and of what changes in conversations, on one connection. While it is away
 * nothing is heard, so what comes after it is told as a change of all.
 */
export function startBlockListener({
  databaseUrl,
  logger,
  onBlock,
  onConversation,
}: BlockListenerOptions): BlockListener {
  const ending = new AbortController();
  let connected: DirectConnection | undefined;

  async function listen(): Promise<void> {
    for (let attempt = 1; !ending.signal.aborted; attempt += 1) {
      try {
        const connection = await connectDirect({
          url: databaseUrl,
          applicationName: 'switchboard-api-listener',
          listen: [channel, inboxChannel],
          onNotification: (of, payload) =>
            of === channel ? onBlock(tenantsIn(payload)) : onConversation(readInboxChange(payload)),
        });
        connected = connection;
        attempt = 1;
        onBlock(null);
        onConversation(null);
        await untilSilent(connection, ending.signal);
        connected = undefined;
        if (!ending.signal.aborted) logger.warn({}, 'the connection that hears of changes was lost');
        await connection.close();
      } catch (error) {
        logger.warn({ error }, 'not listening for changes');
      }
      await sleep(backoff(attempt, { baseMs: 200, maxMs: 3_000 }), ending.signal);
    }
  }

  const running = listen();
  return {
    isConnected: () => connected !== undefined && isAlive(connected),
    async stop() {
      ending.abort();
      await running;
    },
  };
}

function tenantsIn(payload: string): readonly string[] | null {
  const parsed: unknown = JSON.parse(payload);
  const tenants: unknown =
    typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'tenants') : null;
  return Array.isArray(tenants) ? tenants.map(String) : null;
}

/** Settles when the connection was lost, or has been silent, or is no longer wanted. */
async function untilSilent(connection: DirectConnection, signal: AbortSignal): Promise<void> {
  const lost = new AbortController();
  void connection.lost.then(() => lost.abort());
  const over = AbortSignal.any([signal, lost.signal]);
  while (!over.aborted && isAlive(connection)) await sleep(lookMs, over);
}

function isAlive(connection: DirectConnection): boolean {
  try {
    connection.assertAlive(silenceMs);
    return true;
  } catch {
    return false;
  }
}
