import { fromEngine } from './exception.ts';
import type { Native, NativeAnalysis, NativeConnection, NativeResult, NativeWrite } from './native.ts';

/** One session of the engine. Its statements run one after another. */
export class EngineSession {
  readonly #native: Native;
  readonly #connection: NativeConnection;
  readonly #onClose: () => void;
  #closed = false;

  constructor(native: Native, connection: NativeConnection, onClose: () => void) {
    this.#native = native;
    this.#connection = connection;
    this.#onClose = onClose;
  }

  /** Runs a statement and gives its whole result. */
  async query(sql: string, format: string): Promise<NativeResult> {
    try {
      return await this.#native.QueryAsyncConnection(this.#connection, sql, format);
    } catch (error) {
      throw fromEngine(error);
    }
  }

  /** Runs a statement that writes, and counts what it wrote. */
  async write(sql: string): Promise<NativeWrite> {
    try {
      return await this.#native.InsertRawAsyncConnection(this.#connection, sql, EMPTY, false);
    } catch (error) {
      throw fromEngine(error);
    }
  }

  /** Asks the engine's parser how many statements a text holds, and of what class. */
  async analyse(sql: string): Promise<NativeAnalysis> {
    try {
      return await this.#native.DurableClassifyAsync(this.#connection, sql, 'switchboard');
    } catch (error) {
      throw fromEngine(error);
    }
  }

  /** Gives the session up; none of its statements may be running. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    this.#native.CloseConnection(this.#connection);
  }
}

const EMPTY = Buffer.from(' ');
