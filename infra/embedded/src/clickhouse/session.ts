import { exception, fromEngine } from './exception.ts';
import type { Native, NativeAnalysis, NativeConnection, NativeResult, NativeWrite } from './native.ts';

/** chdb wants a text after an INSERT's statement, even when its rows come from a file. */
const NO_ROWS = Buffer.from(' ');

/** One session of the engine. Its statements run one after another. */
export class EngineSession {
  readonly #native: Native;
  readonly #connection: NativeConnection;
  readonly #database: string;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(native: Native, connection: NativeConnection, database: string) {
    this.#native = native;
    this.#connection = connection;
    this.#database = database;
  }

  /** Runs a statement and gives its whole result. */
  async query(sql: string, format: string): Promise<NativeResult> {
    return this.#call(() => this.#native.QueryAsyncConnection(this.#connection, sql, format));
  }

  /** Runs a statement that writes, and counts what it wrote. */
  async write(sql: string): Promise<NativeWrite> {
    return this.#call(() => this.#native.InsertRawAsyncConnection(this.#connection, sql, NO_ROWS, false));
  }

  /** Forgets every parameter. No statement does it; a call with some parameter does, and keeps none. */
  async dropParameters(): Promise<void> {
    await this.#call(async () =>
      this.#native.QueryWithParamsConnection(this.#connection, 'SELECT 1', 'Null', { any: '' }),
    );
  }

  /** Asks the engine's parser how many statements a text holds, and of what class. */
  async analyse(sql: string): Promise<NativeAnalysis> {
    return this.#call(() => this.#native.DurableClassifyAsync(this.#connection, sql, this.#database));
  }

  /** Gives the session up, once its last statement has ended: the engine aborts when it is closed under one. */
  close(): Promise<void> {
    this.#closing ??= this.#last.then(() => this.#native.CloseConnection(this.#connection));
    return this.#closing;
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closing) throw exception(236, 'ABORTED', 'The session is closed');
    const running = this.#last.then(call);
    this.#last = running.catch(() => undefined);
    try {
      return await running;
    } catch (error) {
      throw fromEngine(error);
    }
  }
}
