import { z } from 'zod';

const changeSchema = z.object({ kind: z.string(), message_id: z.string().nullish() });

export interface LiveStream {
  /** When the stream told of each new message, Unix ms, by our id of it. */
  readonly toldAt: ReadonlyMap<string, number>;
  /** @throws Error why the stream told of no more */
  assertOpen(): void;
  stop(): void;
}

/** Opens the live stream as a browser of staff does. Resolves when it has begun: nothing is missed from then on. */
export async function openLiveStream(api: string, key: string): Promise<LiveStream> {
  const ending = new AbortController();
  const begun = Promise.withResolvers<void>();
  const toldAt = new Map<string, number>();
  const answer = await fetch(`${api}/api/v1/analytics/realtime?interval=30`, {
    headers: { 'x-api-key': key },
    signal: ending.signal,
  });
  if (answer.status !== 200 || !answer.body) throw new Error(`the stream answered ${answer.status}`);
  let broke: Error | undefined;
  void read(answer.body)
    .then(() => new Error('the stream ended'))
    .catch((error: Error) => error)
    .then((error) => {
      broke = error;
      begun.reject(error);
    });
  await begun.promise;
  return {
    toldAt,
    assertOpen() {
      if (broke) throw broke;
    },
    stop: () => ending.abort(),
  };

  async function read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const now = performance.timeOrigin + performance.now();
      const events = (rest + chunk).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) take(event, now);
    }
  }

  function take(event: string, now: number): void {
    if (event.startsWith('event: snapshot')) begun.resolve();
    if (!event.startsWith('event: conversation\n')) return;
    const change = changeSchema.parse(JSON.parse(event.slice(event.indexOf('data: ') + 6)));
    if (change.kind === 'reread') throw new Error('the stream missed something');
    if (change.kind === 'message' && change.message_id) toldAt.set(change.message_id, now);
  }
}
