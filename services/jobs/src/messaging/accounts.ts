import type { Sealer } from '@switchboard/platform';
import type { TwilioSettings } from '@switchboard/platform/twilio-settings';
import type { Client } from '@switchboard/postgres';
import {
  type TwilioAccount,
  twilioAccountOf,
  twilioTokenOf,
} from '@switchboard/postgres/messaging/twilio-account';
import { openTwilio, type TwilioClientOptions, type TwilioMessages } from './twilio-client.ts';

export interface AccountOptions {
  sealer: Sealer;
  settings: TwilioSettings;
  twilio: TwilioClientOptions;
}

/** A clinic's account, open for use. */
export interface OpenAccount {
  messages: TwilioMessages;
  accountSid: string;
  /** What the clinic sends from, E.164. */
  numbers: readonly [string, ...string[]];
}

/** The account of the open transaction's clinic with its token; undefined: it has none. @throws SwitchboardError `seal_broken` */
export async function accountWithToken(
  client: Client,
  tenantId: string,
  options: Pick<AccountOptions, 'sealer' | 'settings'>,
): Promise<(TwilioAccount & { token: string }) | undefined> {
  const account = await twilioAccountOf(client, tenantId, options.settings);
  const token = account && (await twilioTokenOf(client, tenantId, account, options));
  return account && token ? { ...account, token } : undefined;
}

/** As {@link accountWithToken}, opened for use. */
export async function openAccount(
  client: Client,
  tenantId: string,
  options: AccountOptions,
): Promise<OpenAccount | undefined> {
  const account = await accountWithToken(client, tenantId, options);
  if (!account) return undefined;
  const { accountSid, numbers, token } = account;
  return { messages: openTwilio(options.twilio, accountSid, token), accountSid, numbers };
}
