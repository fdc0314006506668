import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rememberUnusedConnections } from '@switchboard/platform/unused-connections';
import { Engine } from './engine.ts';
import { createHttpServer } from './http.ts';
import { RunningQueries } from './running-queries.ts';
import { SessionStore } from './session-store.ts';
import { Slots } from './slots.ts';
import { Spool } from './spool.ts';
import { parseUsers } from './users.ts';

/** Statements at a time; the others wait. Of those, read-only users may hold the smaller number. */
const STATEMENTS = 16;
const READER_STATEMENTS = 6;
const WAITING = 2000;

/** libuv's threads run the statements, and beside them the files are read and written. */
const THREADS = String(STATEMENTS + 16);

/** How long statements that run at SIGTERM may take to end. */
const DRAIN_MS = 10_000;

const DATABASE = 'switchboard';
const MIB = 1024 * 1024;

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

async function main(): Promise<void> {
  if (process.env.UV_THREADPOOL_SIZE !== THREADS) restartWithThreads();
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8123' },
      'users-json': { type: 'string' },
      'memory-mib': { type: 'string', default: '1024' },
    },
  });
  const users = parseUsers(values['users-json'] ?? process.env.SWITCHBOARD_CLICKHOUSE_USERS ?? '', DATABASE);
  if (!values['data-dir']) throw new Error('--data-dir is missing');
  const dataDir = resolve(values['data-dir']);
  const engine = await Engine.open({
    dataDir,
    users,
    database: DATABASE,
    memoryBytes: Number(values['memory-mib']) * MIB,
    config: process.env.SWITCHBOARD_CLICKHOUSE_CONFIG,
  });
  const sessions = new SessionStore(engine);
  const [version = '', timezone = ''] = (await engine.run('SELECT version(), timezone()')).trim().split('\t');
  const server = createHttpServer({
    engine,
    sessions,
    spool: new Spool(join(dataDir, 'spool')),
    running: new RunningQueries(),
    slots: { all: new Slots(STATEMENTS, WAITING), readers: new Slots(READER_STATEMENTS, WAITING) },
    users,
    version,
    timezone,
  });

  const endUnused = rememberUnusedConnections(server);
  server.listen(Number(values.port), values.host);
  await once(server, 'listening');
  const address = server.address();
  process.stdout.write(`ready ${typeof address === 'object' && address ? address.port : values.port}\n`);

  await told();
  const closed = once(server, 'close');
  server.close();
  endUnused();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => void engine.cancelAll(), DRAIN_MS);
  await closed;
  clearInterval(idle);
  await engine.close();
  clearTimeout(late);
  process.exit(0);
}

/** Resolves when this process is asked to end, or when its parent is gone. */
async function told(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    if (process.env.SWITCHBOARD_PARENT === 'pipe') {
      process.stdin.once('end', () => resolve());
      process.stdin.once('error', () => resolve());
      process.stdin.resume();
    }
  });
}

/** libuv reads the number of its threads before any of our code runs, so the process starts itself over. */
function restartWithThreads(): void {
  if (!process.execve) return;
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    UV_THREADPOOL_SIZE: THREADS,
  });
}
