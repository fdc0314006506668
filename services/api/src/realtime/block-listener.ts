import { backoff, type Logger, sleep } from '@switchboard/platform';
import { connectDirect } from '@switchboard/postgres/blocks/direct-connection';

export interface BlockListenerOptions {
  databaseUrl: string;
  logger: Logger;
  /** Facts of these tenants became visible; null: of any. */
  onBlock(tenantIds: readonly string[] | null): void;
}

export interface BlockListener {
  isConnected(): boolean;
  stop(): Promise<void>;
}

const channel = 'switchboard_block_done';

/**
 * Hears of every block that ClickHouse holds. While the connection is away nothing is heard, so what comes after it is
 * told as a change of all tenants.
 */
export function startBlockListener({ databaseUrl, logger, onBlock }: BlockListenerOptions): BlockListener {
  const ending = new AbortController();
  let connected = false;

  async function listen(): Promise<void> {
    for (let attempt = 1; !ending.signal.aborted; attempt += 1) {
      try {
        const connection = await connectDirect({
          url: databaseUrl,
          applicationName: 'switchboard-api-listener',
          listen: [channel],
          onNotification: (_channel, payload) => onBlock(tenantsIn(payload)),
        });
        connected = true;
        attempt = 1;
        onBlock(null);
        await Promise.race([connection.lost, aborted(ending.signal)]);
        connected = false;
        await connection.close();
      } catch (error) {
        logger.warn({ error }, 'not listening for blocks');
      }
      await sleep(backoff(attempt, { baseMs: 200, maxMs: 3_000 }), ending.signal);
    }
  }

  const running = listen();
  return {
    isConnected: () => connected,
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
