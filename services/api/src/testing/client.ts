/** Speaks to the API as one caller. */
export interface TestClient {
  /** What proves who it is. */
  headers: Record<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

export function createTestClient(url: string, own: Record<string, string> = {}): TestClient {
  const send: TestClient['send'] = (method, path, body, headers) =>
    fetch(`${url}${path}`, {
      method,
      headers: { ...own, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  return {
    headers: own,
    get: (path, headers) => fetch(`${url}${path}`, { headers: { ...own, ...headers } }),
    post: (path, body, headers) => send('POST', path, body, headers),
    send,
  };
}

/** Logs in. @returns a client with the session's cookie */
export async function logIn(url: string, email: string, password: string): Promise<TestClient> {
  const answer = await createTestClient(url).post('/api/v1/auth/login', { email, password });
  if (answer.status !== 200) throw new Error(`login answered ${answer.status}`);
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return createTestClient(url, { cookie });
}

export interface ReceivedEvent {
  event: string;
  id?: string;
  data: unknown;
  at: number;
}

export interface EventReader {
  events: ReceivedEvent[];
  comments: string[];
  retry?: number;
  /** Waits for so many events. */
  until(count: number, timeoutMs?: number): Promise<ReceivedEvent[]>;
  /** Settles when the server ends the stream. */
  ended: Promise<void>;
  stop(): void;
}

/** Reads an event stream until it is stopped. */
export async function readEvents(url: string, headers: Record<string, string>): Promise<EventReader> {
  const ending = new AbortController();
  const response = await fetch(url, { headers, signal: ending.signal });
  if (response.status !== 200 || !response.body) throw new Error(`stream answered ${response.status}`);
  const reader: EventReader = {
    events: [],
    comments: [],
    async until(count, timeoutMs = 20_000) {
      const deadline = Date.now() + timeoutMs;
      while (reader.events.length < count) {
        if (Date.now() > deadline) throw new Error(`${reader.events.length} of ${count} events came`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return reader.events;
    },
    ended: consume(response.body).catch(() => undefined),
    stop: () => ending.abort(),
  };
  return reader;

  async function consume(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) take(block);
    }
  }

  function take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    if (block.startsWith(':')) reader.comments.push(block.slice(2));
    else if (fields.has('retry')) reader.retry = Number(fields.get('retry'));
    else
      reader.events.push({
        event: fields.get('event') ?? '',
        id: fields.get('id'),
        data: JSON.parse(fields.get('data') ?? 'null'),
        at: Date.now(),
      });
  }
}
