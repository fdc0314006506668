import type { Sealer } from '@switchboard/platform';
import type { TwilioSettings } from '@switchboard/platform/twilio-settings';
import { sendingOrder } from '../api/clinic-numbers.ts';
import type { Queryable } from '../pool.ts';

/** What a clinic sends with. */
export interface TwilioAccount {
  accountSid: string;
  /** Where its token is: among the clinic's sealed secrets, or in the settings. */
  tokenFrom: 'clinic' | 'settings';
  /** WhatsApp numbers, E.164; what is sent goes out from the first. */
  numbers: readonly [string, ...string[]];
}

/**
 * The account of the open transaction's clinic: its own, or, of the default clinic, that of the settings. It tells no
 * token, so that whoever takes messages to be sent can ask whether they could be.
 * @returns null where an account, a token or a number is missing: nothing can be sent
 */
export async function twilioAccountOf(
  client: Queryable,
  tenantId: string,
  settings: TwilioSettings,
): Promise<TwilioAccount | null> {
  const { rows } = await client.query<{ sid: string | null; has_token: boolean; numbers: string[] }>(
    `SELECT t.twilio_account_sid AS sid,
       EXISTS (SELECT FROM tenant_webhook_secrets s WHERE s.tenant_id = t.id AND ${inForce}) AS has_token,
       ARRAY (SELECT n.number FROM tenant_numbers n WHERE n.tenant_id = t.id AND n.channel = 'whatsapp'
         ORDER BY ${sendingOrder}) AS numbers
     FROM tenants t WHERE t.id = $1`,
    [tenantId],
  );
  const row = rows[0];
  if (!row) return null;
  const isDefault = tenantId === settings.DEFAULT_TENANT_ID;
  const accountSid = row.sid ?? (isDefault ? settings.TWILIO_ACCOUNT_SID : undefined);
  const tokenFrom = row.has_token ? 'clinic' : isDefault && settingsToken(settings) ? 'settings' : undefined;
  const [first, ...others] = row.numbers;
  const number = first ?? (isDefault ? settings.TWILIO_WHATSAPP_FROM : undefined);
  if (!accountSid || !tokenFrom || !number) return null;
  return { accountSid, tokenFrom, numbers: [number, ...others] };
}

/** The account's token, opened; for who speaks to Twilio. @throws SwitchboardError `seal_broken` */
export async function twilioTokenOf(
  client: Queryable,
  tenantId: string,
  { tokenFrom }: TwilioAccount,
  { sealer, settings }: { sealer: Sealer; settings: TwilioSettings },
): Promise<string | null> {
  if (tokenFrom === 'settings') return settingsToken(settings) ?? null;
  const { rows } = await client.query<{ sealed: Buffer }>(
    `SELECT s.sealed FROM tenant_webhook_secrets s WHERE s.tenant_id = $1 AND ${inForce}
     ORDER BY s.not_after DESC NULLS FIRST, s.created_at DESC LIMIT 1`,
    [tenantId],
  );
  return rows[0] ? sealer.open(rows[0].sealed).toString() : null;
}

const inForce = `s.kind = 'twilio' AND (s.not_after IS NULL OR s.not_after > now())`;

function settingsToken({ TWILIO_AUTH_TOKEN, TWILIO_WEBHOOK_SECRET }: TwilioSettings): string | undefined {
  return TWILIO_AUTH_TOKEN ?? TWILIO_WEBHOOK_SECRET;
}
