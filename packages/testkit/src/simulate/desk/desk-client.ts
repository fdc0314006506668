import type { z } from 'zod';

export interface DeskOptions {
  /** Of the API, e.g. `http://127.0.0.1:8090/api/v1`. */
  url: string;
  /** Of a user who may answer and book. */
  email: string;
  password: string;
}

/** What staff see and do over HTTP. */
export interface DeskClient {
  /** @throws Error with the status of an answer that is not 2xx */
  get<T>(path: string, shape: z.ZodType<T>): Promise<T>;
  /** @returns the status: what somebody else did meanwhile is no fault */
  send(method: 'PATCH' | 'POST', path: string, body?: unknown): Promise<number>;
}

const timeoutMs = 10_000;

/** Logs in when it is asked for something for the first time, and again when the session is over. */
export function createDeskClient({ url, email, password }: DeskOptions): DeskClient {
  let cookie: string | undefined;

  async function logIn(): Promise<string> {
    const response = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.arrayBuffer();
    const [session] = response.headers.getSetCookie();
    if (!response.ok || session === undefined) throw new Error(`logging in was answered ${response.status}`);
    return session.split(';')[0] ?? '';
  }

  async function ask(method: string, path: string, body?: unknown, again = true): Promise<Response> {
    cookie ??= await logIn();
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status !== 401 || !again) return response;
    await response.arrayBuffer();
    cookie = undefined;
    return ask(method, path, body, false);
  }

  return {
    async get(path, shape) {
      const response = await ask('GET', path);
      const text = await response.text();
      if (!response.ok) throw new Error(`GET ${path.split('?')[0]} was answered ${response.status}`);
      return shape.parse(JSON.parse(text));
    },
    async send(method, path, body) {
      const response = await ask(method, path, body);
      await response.arrayBuffer();
      return response.status;
    },
  };
}
