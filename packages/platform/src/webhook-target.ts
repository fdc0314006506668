import { isIP } from 'node:net';
import { type Config, type ConfigShape, flag } from './config.ts';
import { isPublicAddress } from './public-address.ts';

/** Where webhooks may go; told alike to whoever takes an address and whoever sends to it. */
export const webhookTargetShape = {
  WEBHOOKS_ALLOW_HTTP: flag(false).describe(
    'Outgoing webhooks may go to `http:` addresses too: bodies then cross the network in the clear.',
  ),
  WEBHOOKS_ALLOW_PRIVATE: flag(false).describe(
    'Outgoing webhooks may go to private, loopback and link-local addresses: for a clinic’s system in the same network.',
  ),
} satisfies ConfigShape;

export type WebhookTargets = Config<typeof webhookTargetShape>;

/**
 * What is wrong with an address for webhooks, by its text alone; whether the name leads to a private address is seen when
 * it is connected to.
 * @returns undefined when nothing is wrong
 */
export function webhookTargetFault(text: string, allowed: WebhookTargets): string | undefined {
  const url = URL.parse(text);
  // As it is written, not only as it is understood: in small letters, with both slashes.
  if (!url || text.length > 2_000 || !text.startsWith(`${url.protocol}//`))
    return 'must be a URL of at most 2,000 characters';
  if (url.protocol !== 'https:' && !(allowed.WEBHOOKS_ALLOW_HTTP && url.protocol === 'http:'))
    return `must be an ${allowed.WEBHOOKS_ALLOW_HTTP ? 'http or ' : ''}https address`;
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return 'must be an address without user, password and fragment';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!allowed.WEBHOOKS_ALLOW_PRIVATE && isIP(host) !== 0 && !isPublicAddress(host))
    return 'must be an address of the public internet';
  return undefined;
}
