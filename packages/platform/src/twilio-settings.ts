import { z } from 'zod';
import { type Config, type ConfigShape, inForm, secret } from './config.ts';

const accountForm = 'AC and 32 hexadecimal digits';
const numberForm = 'a number with its country code, e.g. +912240001234';

/** The default clinic's account with Twilio, for whoever sends and whoever takes what is to be sent. */
export const twilioShape = {
  DEFAULT_TENANT_ID: z.uuid().optional().describe('Clinic that the settings of Twilio are for.'),
  TWILIO_ACCOUNT_SID: inForm(
    accountForm,
    z
      .string()
      .regex(/^AC[0-9a-f]{32}$/, `must be ${accountForm}`)
      .optional(),
  ).describe(
    'The default clinic’s account with Twilio, unless it has one of its own. Unset: it sends nothing, and says so.',
  ),
  TWILIO_AUTH_TOKEN: secret(z.string().optional()).describe(
    'Token of that account. Unset: `TWILIO_WEBHOOK_SECRET`.',
  ),
  TWILIO_WEBHOOK_SECRET: secret(z.string().optional()).describe(
    'What Twilio signs webhooks with, which is the account’s token.',
  ),
  TWILIO_WHATSAPP_FROM: inForm(
    numberForm,
    z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, `must be ${numberForm}`)
      .optional(),
  ).describe('WhatsApp number that the default clinic sends from, unless it has numbers of its own.'),
  API_PUBLIC_URL: inForm(
    'where the API is reached from outside, e.g. https://api.clinic.example',
    z.url().optional(),
  ).describe('Where Twilio fetches the files that staff send. Unset: none can be sent.'),
} satisfies ConfigShape;

export type TwilioSettings = Config<typeof twilioShape>;
