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

  return {
    async ask(method, path, body, headers = {}) {
      cookie ??= logIn();
      const session = await cookie;
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
