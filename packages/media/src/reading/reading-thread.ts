import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { describeError } from '@switchboard/platform';
import { boundWasmMemory } from './bound-wasm-memory.ts';
import type { FromThread, ThreadInput, ToThread } from './messages.ts';
import { readFile } from './read-file.ts';

/** The thread that decodes one file of a stranger's: what hangs or breaks here ends this thread alone. */
const { type }: ThreadInput = workerData;
boundWasmMemory(640 * 1024 * 1024);
const tell = (message: FromThread) => parentPort?.postMessage(message);

async function* body(): AsyncGenerator<Uint8Array> {
  if (!parentPort) return;
  for (;;) {
    const next = once(parentPort, 'message');
    tell('more');
    const [bytes]: ToThread[] = await next;
    if (!bytes) return;
    yield bytes;
  }
}

try {
  tell({ reading: await readFile(type, body()) });
} catch (error) {
  const { code, name } = describeError(error);
  tell({ failure: code ?? name });
}
