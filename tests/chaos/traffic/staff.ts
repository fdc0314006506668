import { insist, textIn } from './insist.ts';
import type { Asked, World } from './world.ts';

/** Somebody of the clinic who is logged in. */
export interface Staff {
  /** Asks the API until there is a last word. */
  ask(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): ReturnType<typeof insist>;
  /** Gives it a file, until it is taken. */
  upload(bytes: Buffer, contentType: string): ReturnType<typeof insist>;
}

/** Logs the clinic's owner in, once; the session outlives every restart. */
export function createStaff({ running }: World, asked: Asked[]): Staff {
  const { demo } = running;
  let cookie: Promise<string> | undefined;
  const json = (body: unknown) => JSON.stringify(body);

  async function logIn(): Promise<string> {
    const { status, headers } = await insist(`${demo.api}/api/v1/auth/login`, {
      asked,
      init: () => ({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: json(demo.login),
      }),
    });
    const set = headers.getSetCookie()[0]?.split(';')[0];
    if (status !== 200 || set === undefined) throw new Error(`the owner can't log in: ${status}`);
    return set;
  }

  function loggedIn(): Promise<string> {
    cookie ??= logIn();
    return cookie;
  }

  return {
    async upload(bytes, contentType) {
      const session = await loggedIn();
      return insist(`${demo.api}/api/v1/files`, {
        asked,
        init: () => ({
          method: 'POST',
          headers: { cookie: session, 'content-type': contentType },
          body: new Uint8Array(bytes),
        }),
      });
    },
    async ask(method, path, body, headers = {}) {
      const session = await loggedIn();
      return insist(`${demo.api}${path}`, {
        asked,
        init: () => ({
          method,
          headers: {
            cookie: session,
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body !== undefined && { body: json(body) }),
        }),
      });
    },
  };
}

/** Why something was refused, for a finding. */
export function refusal({ status, body }: { status: number; body: unknown }): string {
  return `${status} ${textIn(body, 'code') || textIn(body, 'title')}`;
}
