import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const BUFFER_BYTES = 1024 * 1024;

/** Files through which rows go in and out of the engine, so that neither is ever held in memory as a whole. */
export class Spool {
  readonly #directory: string;
  #next = 0;

  /** Empties the directory: what is in it was left by a process that was killed. */
  constructor(directory: string) {
    this.#directory = directory;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** A path that nothing is at yet. It has no extension: the engine would take one for a compression. */
  path(): string {
    this.#next += 1;
    return join(this.#directory, String(this.#next));
  }

  /** Writes chunks to a new file. Returns its path and its size in bytes. */
  async write(chunks: AsyncIterable<Buffer>): Promise<{ readonly path: string; readonly size: number }> {
    const path = this.path();
    let size = 0;
    const counted = async function* () {
      for await (const chunk of chunks) {
        size += chunk.length;
        yield chunk;
      }
    };
    try {
      await pipeline(
        counted,
        createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark: BUFFER_BYTES }),
      );
    } catch (error) {
      await this.discard(path);
      throw error;
    }
    return { path, size };
  }

  /** The size of a file in bytes, 0 when there is none. */
  async size(path: string): Promise<number> {
    try {
      return (await stat(path)).size;
    } catch {
      return 0;
    }
  }

  async discard(path: string): Promise<void> {
    await rm(path, { force: true });
  }
}
