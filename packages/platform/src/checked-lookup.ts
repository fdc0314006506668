import { isIP, type LookupFunction } from 'node:net';
import { SwitchboardError } from './errors.ts';
import type { ResolveHost } from './resolve-host.ts';

export interface CheckedLookupOptions {
  resolve: ResolveHost;
  isAllowed(address: string): boolean;
}

/**
 * A look-up for a connection. The addresses that it looks at are the very ones that are connected to, so that a name can't
 * lead elsewhere a moment later. A host that is an address already is looked up by nobody: check it by itself.
 * The connection fails with a SwitchboardError `not_resolved`, or `address_refused` where no address is allowed.
 */
export function createCheckedLookup({ resolve, isAllowed }: CheckedLookupOptions): LookupFunction {
  return (host, options, callback) => {
    const answer = async () => {
      const addresses = (await resolve(host)).filter(isAllowed);
      const [first] = addresses;
      if (first === undefined) throw refused();
      if (!options.all) return callback(null, first, isIP(first));
      callback(
        null,
        addresses.map((address) => ({ address, family: isIP(address) })),
      );
    };
    answer().catch((error: unknown) => callback(error instanceof Error ? error : refused(), ''));
  };
}

function refused(): SwitchboardError {
  return new SwitchboardError('address_refused', 'a host name leads to no address that may be connected to');
}
