import type { Sealer } from '@switchboard/platform';
import type { TwilioSettings } from '@switchboard/platform/twilio-settings';
import type { Client } from '@switchboard/postgres';
import { twilioAccountOf, twilioTokenOf } from '@switchboard/postgres/messaging/twilio-account';
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

/** Opens the account of the open transaction's clinic; undefined: it has none. @throws SwitchboardError `seal_broken` */
export async function openAccount(
  client: Client,
  tenantId: string,
  options: AccountOptions,
): Promise<OpenAccount | undefined> {
  const account = await twilioAccountOf(client, tenantId, options.settings);
  const token = account && (await twilioTokenOf(client, tenantId, account, options));
  if (!account || !token) return undefined;
  const { accountSid, numbers } = account;
  return { messages: openTwilio(options.twilio, accountSid, token), accountSid, numbers };
}
