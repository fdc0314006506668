import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { SwitchboardError } from './errors.ts';

/** All addresses that a host name leads to. @throws SwitchboardError `not_resolved` */
export type ResolveHost = (host: string) => Promise<string[]>;

const timeoutMs = 2_000;
const tries = 2;

/**
 * Asks name servers by sockets of its own: `lookup` waits in one of a few threads, so that four names whose servers are
 * dead would hold up every other. Only what no name server knows is looked for where the system looks besides
 * (`/etc/hosts`).
 */
export const resolveHost: ResolveHost = async (host) => {
  if (isIP(host) !== 0) return [host];
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length > 0) return found;
  if (answers.some((answer) => answer.status === 'rejected' && isSilent(answer.reason))) throw notResolved();
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw notResolved(cause);
  }
};

function isSilent(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'ETIMEOUT';
}

function notResolved(cause?: unknown): SwitchboardError {
  return new SwitchboardError('not_resolved', 'a host name leads to no address', { cause });
}
