import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readerSettings, writeEngineConfig } from './engine-config.ts';
import { loadNative, type Native, type NativeConnection, type NativeResult } from './native.ts';
import { EngineSession } from './session.ts';
import { quoteName, quoteString } from './sql-literal.ts';
import type { User } from './users.ts';

export interface EngineOptions {
  readonly dataDir: string;
  readonly users: readonly User[];
  readonly database: string;
  readonly memoryBytes: number;
  /** Elements of the engine's configuration besides its own, XML. */
  readonly config?: string;
}

/** Sessions kept ready for each user, so that a request needn't wait for one to be opened. */
const READY_SESSIONS = 4;

/** In the place of chdb's own defaults, which would parse `foo` as `SELECT foo` and read by mmap. */
const SERVER_DEFAULTS = [
  '--implicit_select=0',
  '--allow_introspection_functions=0',
  '--storage_file_read_method=pread',
  // A parameter reaches a session within a statement, and may be as long as a URL.
  '--max_query_size=4194304',
  // The engine would gather a million rows, however long they are, until an INSERT's memory is over.
  '--input_format_max_block_size_bytes=4194304',
  '--min_insert_block_size_bytes=33554432',
];

/** What a statement holds to say whose it is. */
export const commentOf = (tag: string): string => `/* ${tag} */`;

/**
 * The ClickHouse engine on one data directory. Each request gets a session of its own, used once and closed,
 * so that no setting, parameter or temporary table of one request is seen by another. One session runs its
 * statements one after another; sessions run beside each other.
 */
export class Engine {
  readonly #native: Native;
  readonly #path: string;
  readonly #args: readonly string[];
  readonly #database: string;
  readonly #ready = new Map<string, Array<Promise<EngineSession>>>();
  readonly #sessions = new Set<EngineSession>();
  readonly #root: NativeConnection;
  #closed = false;

  private constructor(native: Native, options: EngineOptions) {
    this.#native = native;
    this.#path = join(options.dataDir, 'engine');
    this.#database = options.database;
    mkdirSync(this.#path, { recursive: true, mode: 0o700 });
    const config = writeEngineConfig(join(options.dataDir, 'config'), options);
    this.#args = [`--config-file=${config}`, ...SERVER_DEFAULTS];
    this.#root = native.CreateConnection(this.#path, this.#args);
  }

  /** Opens the data directory, making it and the database when they aren't there. */
  static async open(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(loadNative(), options);
    await engine.#native.QueryAsyncConnection(
      engine.#root,
      `CREATE DATABASE IF NOT EXISTS ${quoteName(options.database)}`,
      'Null',
    );
    return engine;
  }

  /** A session that acts with the user's rights and no more, to be given back with `release`. */
  async session(user: User): Promise<EngineSession> {
    const ready = this.#ready.get(user.name) ?? [];
    this.#ready.set(user.name, ready);
    const session = await (ready.shift() ?? this.#open(user));
    setImmediate(() => this.#refill(user, ready));
    return session;
  }

  /** Takes a session back and closes it. */
  async release(session: EngineSession): Promise<void> {
    await session.close();
    this.#sessions.delete(session);
  }

  /** Runs a statement of the server itself, with all rights. */
  async run(sql: string): Promise<string> {
    return Buffer.from((await this.query(sql, 'TabSeparated')).bytes).toString();
  }

  /** Runs a statement of the server itself, and gives its result in a client's format. */
  async query(sql: string, format: string): Promise<NativeResult> {
    return this.#native.QueryAsyncConnection(this.#root, sql, format);
  }

  /**
   * Stops what runs now under this tag: its `log_comment` is the tag, or ends with it as a word of its own, or the
   * statement holds {@link commentOf} it. A statement's own SETTINGS may bring another `log_comment`.
   */
  async cancel(tag: string): Promise<void> {
    const word = `endsWith(concat(' ', Settings['log_comment']), ${quoteString(` ${tag}`)})`;
    // In parts, so that this statement does not hold it.
    const comment = `position(query, concat('/', ${quoteString(commentOf(tag).slice(1))})) > 0`;
    const isOurs = `${word} OR ${comment}`;
    await this.run(
      `KILL QUERY WHERE query_id IN (SELECT query_id FROM system.processes WHERE ${isOurs}) ASYNC`,
    );
  }

  /** Stops every statement that is running. */
  async cancelAll(): Promise<void> {
    await this.run('KILL QUERY WHERE query_id != queryID() ASYNC').catch(() => undefined);
  }

  /** Closes every session when its statement has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#ready.values()].flat());
    await Promise.allSettled([...this.#sessions].map((session) => session.close()));
    this.#native.CloseConnection(this.#root);
  }

  #refill(user: User, ready: Array<Promise<EngineSession>>): void {
    if (this.#closed || ready.length >= READY_SESSIONS) return;
    const opening = this.#open(user);
    opening.catch(() => undefined);
    ready.push(opening);
  }

  async #open(user: User): Promise<EngineSession> {
    const connection = this.#native.CreateConnection(this.#path, this.#args);
    const session = new EngineSession(this.#native, connection, this.#database);
    this.#sessions.add(session);
    try {
      const narrow = user.readonly ? readerSettings(user) : '';
      await session.query(`${narrow}USE ${quoteName(this.#database)}`, 'Null');
      return session;
    } catch (error) {
      await this.release(session);
      throw error;
    }
  }
}
