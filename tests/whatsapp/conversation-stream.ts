import type { Demo } from '@switchboard/start';

/** What the live stream tells of the inbox. */
export interface ConversationStream {
  received: unknown[];
  stop(): void;
}

/** Listens to the live stream from its first snapshot on. @throws Error when it is not given */
export async function openConversationStream({ api, api_key: key }: Demo): Promise<ConversationStream> {
  const ending = new AbortController();
  const response = await fetch(`${api}/api/v1/analytics/realtime?interval=live`, {
    headers: { 'x-api-key': key },
    signal: ending.signal,
  });
  if (response.status !== 200 || !response.body) throw new Error(`the stream answered ${response.status}`);
  const received: unknown[] = [];
  const opened = Promise.withResolvers<void>();
  const read = async (body: ReadableStream<Uint8Array>) => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        if (/^event: ?snapshot$/m.test(part)) opened.resolve();
        const data = /^data: ?(.*)$/m.exec(part)?.[1];
        if (/^event: ?conversation$/m.test(part) && data) received.push(JSON.parse(data));
      }
    }
  };
  read(response.body).catch((error: unknown) => opened.reject(error));
  await opened.promise;
  return { received, stop: () => ending.abort() };
}
