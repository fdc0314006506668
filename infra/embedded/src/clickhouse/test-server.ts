import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouseEngine, startClickHouse } from '../start-clickhouse.ts';

export const ADMIN = { name: 'switchboard', password: 'p"w&<' };
export const READER = { name: 'analyst', password: 'reads only', readonly: true };

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A server of its own for a test file, with a client that knows nothing but HTTP. */
export interface TestServer {
  readonly engine: ClickHouseEngine;
  readonly dataDir: string;
  /** Posts a query; `search` is added to the URL. */
  ask(query: string, options?: AskOptions): Promise<Answer>;
  /** Posts a query and gives its text; throws what the server answered unless it was 200. */
  read(query: string, search?: Record<string, string>): Promise<string>;
  /** Resident bytes of the process. */
  residentBytes(): Promise<number>;
  stop(): Promise<void>;
}

export interface AskOptions {
  readonly search?: Record<string, string>;
  readonly user?: { readonly name: string; readonly password: string };
  readonly body?: RequestInit['body'];
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export async function startTestServer(grants?: string[]): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-clickhouse-'));
  const reader = grants ? { ...READER, grants } : READER;
  const engine = await startClickHouse({ dataDir, users: [ADMIN, reader] });
  const ask: TestServer['ask'] = async (query, options = {}) => {
    const url = new URL(engine.url);
    if (options.body !== undefined) url.searchParams.set('query', query);
    for (const [name, value] of Object.entries(options.search ?? {})) url.searchParams.set(name, value);
    const { name, password } = options.user ?? ADMIN;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'X-ClickHouse-User': name, 'X-ClickHouse-Key': password, ...options.headers },
      body: options.body ?? query,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return {
    engine,
    dataDir,
    ask,
    read: async (query, search = {}) => {
      const answer = await ask(query, { search });
      if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
      return answer.text.trimEnd();
    },
    residentBytes: async () => {
      const status = await readFile(`/proc/${engine.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
    },
    stop: async () => {
      await engine.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
