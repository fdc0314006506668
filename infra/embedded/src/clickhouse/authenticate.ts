import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { exception } from './exception.ts';
import { header } from './query-request.ts';
import type { User } from './users.ts';

/**
 * Finds who asks: by `X-ClickHouse-User` and `-Key`, by Basic authentication, or by `user` and `password` of
 * the URL.
 *
 * @throws ClickHouseException 516 when name or password is wrong; it doesn't say which.
 */
export function authenticate(request: IncomingMessage, url: URL, users: readonly User[]): User {
  const given = credentials(request, url);
  const user = users.find(({ name }) => name === given.name);
  const right = timingSafeEqual(digest(given.password), digest(user?.password ?? ''));
  if (user && right) return user;
  throw exception(
    516,
    'AUTHENTICATION_FAILED',
    `${given.name.slice(0, 64)}: Authentication failed: password is incorrect, or there is no user with such name.`,
  );
}

function credentials(
  request: IncomingMessage,
  url: URL,
): { readonly name: string; readonly password: string } {
  const name = header(request, 'x-clickhouse-user');
  if (name) return { name, password: header(request, 'x-clickhouse-key') ?? '' };
  const basic = /^Basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(header(request, 'authorization') ?? '')?.[1];
  if (basic) {
    const pair = Buffer.from(basic, 'base64').toString();
    const colon = pair.indexOf(':');
    return {
      name: colon < 0 ? pair : pair.slice(0, colon),
      password: colon < 0 ? '' : pair.slice(colon + 1),
    };
  }
  return {
    name: url.searchParams.get('user') || 'default',
    password: url.searchParams.get('password') ?? '',
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
