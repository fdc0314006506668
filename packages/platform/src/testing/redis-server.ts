import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A real Redis of a test's own. */
export interface RedisServer {
  url: string;
  start(): Promise<void>;
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it, as by a power cut. */
  kill(): Promise<void>;
}

/** `redis-server` of the PATH (Debian: package redis-server; npm has none). Not started yet. */
export async function createRedisServer(): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      const started = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
      child = started;
      await new Promise<void>((resolve, reject) => {
        started.once('error', (cause) => {
          child = undefined;
          reject(new Error('needs redis-server in the PATH (Debian: redis-server)', { cause }));
        });
        started.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
        started.stdout.on('data', (data: Buffer) => {
          if (data.includes('Ready to accept connections')) resolve();
        });
      });
    },
    signal: (signal) => void child?.kill(signal),
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
