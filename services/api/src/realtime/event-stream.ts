import type { ServerResponse } from 'node:http';

export interface EventStream {
  /** Without an id the reader keeps the last one. */
  send(event: string, id: string | undefined, data: unknown): void;
  comment(text: string): void;
  end(): void;
}

/** A reader that has let this much pile up is gone, or too slow to be live. */
const maxBacklogBytes = 1_000_000;
/** Who reads nothing never takes the end, and would keep its place: it is cut off after this. */
const patienceMs = 5_000;

/** Writes server-sent events (WHATWG HTML, 9.2), beginning with how long to wait before connecting again. */
export function createEventStream(
  response: ServerResponse,
  retryMs: number,
  endWithinMs = patienceMs,
): EventStream {
  const write = (text: string) => {
    if (response.writableEnded || response.destroyed) return;
    if (response.writableLength > maxBacklogBytes) response.destroy();
    else response.write(text);
  };
  write(`retry: ${retryMs}\n\n`);
  return {
    send: (event, id, data) =>
      write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`),
    comment: (text) => write(`: ${text}\n\n`),
    end: () => {
      if (response.writableEnded || response.destroyed) return;
      response.end();
      const cutOff = setTimeout(() => response.destroy(), endWithinMs).unref();
      response.once('close', () => clearTimeout(cutOff));
    },
  };
}
