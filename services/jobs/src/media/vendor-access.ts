import type { ClaimedFetch } from '@switchboard/postgres/media/fetches';

/** How a vendor's files are asked for. */
export interface VendorAccess {
  /** Hosts besides the clinic's own. */
  hosts: readonly string[];
  /** `Authorization` for one address. */
  authorize(url: URL): string | undefined;
}

/** Asked for each fetch. */
export type AccessOf = (fetch: ClaimedFetch) => Promise<VendorAccess>;

/** Where Twilio's media are asked for, and where it sends whoever asks. */
const twilioHosts = ['api.twilio.com', '*.twilio.com', '*.twiliocdn.com', 's3-external-1.amazonaws.com'];

export interface TwilioAccess {
  accountSid: string;
  token: string;
}

/** Twilio's credentials go to its API alone: what it sends on to needs none, and learns none. */
export function twilioAccess(
  account: TwilioAccess | undefined,
  apiUrl = 'https://api.twilio.com',
): VendorAccess {
  const api = new URL(apiUrl);
  const credentials =
    account && `Basic ${Buffer.from(`${account.accountSid}:${account.token}`).toString('base64')}`;
  return {
    hosts: [...twilioHosts, api.hostname],
    authorize: ({ protocol, host }) =>
      protocol === api.protocol && host === api.host ? credentials : undefined,
  };
}

const open: VendorAccess = { hosts: [], authorize: () => undefined };

/** Each clinic's files of Twilio are asked for with its own account, all others with none. */
export function accessByAccount(
  accountOf: (tenantId: string) => Promise<TwilioAccess | undefined>,
  apiUrl: string,
): AccessOf {
  return async ({ source, tenantId }) =>
    source === 'twilio' ? twilioAccess(await accountOf(tenantId), apiUrl) : open;
}
