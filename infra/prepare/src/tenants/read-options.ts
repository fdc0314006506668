import { parseArgs } from 'node:util';
import { regionOfNumber, toE164 } from '@switchboard/domain/phone';
import { SwitchboardError } from '@switchboard/platform';
import type { TenantQuotas } from '@switchboard/postgres/tenancy/quotas';
import type { TenantNumber } from '@switchboard/postgres/tenancy/tenants';
import { z } from 'zod';

export const usage = `npm run tenant -- create --slug SLUG --name NAME --time-zone ZONE --country CC --owner-email EMAIL [OPTIONS]
npm run tenant -- list [--json]
npm run tenant -- show --slug SLUG [--json]
npm run tenant -- password --slug SLUG --email EMAIL [--password-stdin] [--json]
npm run tenant -- quota --slug SLUG [--events N] [--records N] [--requests N] [--json]

create makes a clinic with its first owner, a webhook secret and API keys, and prints them once. Done again, it makes what
is missing and changes nothing of what is there. password gives an account another one, and ends its sessions. quota sets how
much a clinic may use in a minute, and says how much that is.

  --slug SLUG                small letters, digits and dashes: how the clinic is named in addresses
  --name NAME                as people call it
  --time-zone ZONE           an IANA name, e.g. Asia/Kolkata: the clinic's days
  --country CC               ISO 3166, e.g. IN; that of the first number unless told
  --locale TAG               BCP 47, e.g. en-IN; en and the country unless told
  --owner-email EMAIL        the owner logs in with it; no other clinic's account has it
  --owner-name NAME          'Owner' unless told
  --password-stdin           the owner's password is the first line of standard input; unless told, one is made and printed
  --voice-number NUMBER      that the voice agent answers; again for each
  --whatsapp-number NUMBER   that Twilio serves; again for each
  --events N                 webhooks of calls, and as many of messages; 'none': as many as the settings say for all
  --records N                events of the clinic's system, likewise
  --requests N               requests to the API, likewise
  --json                     the answer for a program

Settings: DATABASE_URL (switchboard_migrate or a superuser) and SECRETS_KEY, or those of the stack that runs here.
Exit codes: 0 done; 1 not done, nothing was changed; 64 the command line is wrong; 78 a setting is wrong.
`;

/** What the command line asks for. */
export type Request =
  | { command: 'help' }
  | { command: 'list'; json: boolean }
  | { command: 'show'; slug: string; json: boolean }
  | { command: 'password'; slug: string; email: string; passwordStdin: boolean; json: boolean }
  | { command: 'quota'; slug: string; quotas: Partial<TenantQuotas>; json: boolean }
  | ({ command: 'create'; passwordStdin: boolean; json: boolean } & NewClinic);

/** A clinic as the command line names it. */
interface NewClinic {
  slug: string;
  name: string;
  timeZone: string;
  country: string;
  locale: string;
  owner: { email: string; name: string };
  numbers: TenantNumber[];
}

const line = (most: number) => z.string().trim().min(1, 'must not be empty').max(most);
const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,62}$/, 'must be 2 to 63 small letters, digits and dashes, e.g. my-clinic');
const email = z.email('must be a mail address').max(200).toLowerCase();
const zone = z.string().refine(isZone, 'must be an IANA zone, e.g. Asia/Kolkata');
const quota = z
  .literal('none')
  .transform(() => null)
  .or(
    z
      .string()
      .regex(/^[1-9]\d{0,8}$/)
      .transform(Number),
  );
const country = z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters of ISO 3166, e.g. IN');
const locale = z.string().refine(isLocale, 'must be a language tag, e.g. en-IN');

/** @throws SwitchboardError `usage`, which says what would be right */
export function readRequest(args: readonly string[]): Request {
  const { values, positionals } = parse(args);
  const [command = '', ...more] = positionals;
  const { json, 'password-stdin': passwordStdin } = values;
  if (values.help) return { command: 'help' };
  if (more.length > 0 || !['create', 'list', 'show', 'password', 'quota'].includes(command))
    throw wrong(`the command must be create, list, show, password or quota`);
  refuseOthers(command, values);
  if (command === 'list') return { command, json };
  const named = field('slug', slug, values.slug);
  if (command === 'show') return { command, json, slug: named };
  if (command === 'quota') return { command, json, slug: named, quotas: quotasOf(values) };
  if (command === 'password')
    return { command, json, passwordStdin, slug: named, email: field('email', email, values.email) };
  const timeZone = field('time-zone', zone, values['time-zone']);
  const [number = ''] = [...values['voice-number'], ...values['whatsapp-number']];
  const inCountry = field('country', country, values.country ?? regionOfNumber(number) ?? undefined);
  return {
    command: 'create',
    json,
    passwordStdin,
    slug: named,
    name: field('name', line(200), values.name),
    timeZone,
    country: inCountry,
    locale: field('locale', locale, values.locale ?? `en-${inCountry}`),
    owner: {
      email: field('owner-email', email, values['owner-email']),
      name: field('owner-name', line(100), values['owner-name'] ?? 'Owner'),
    },
    numbers: [
      ...numbersOf('voice', values['voice-number'], inCountry),
      ...numbersOf('whatsapp', values['whatsapp-number'], inCountry),
    ],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        slug: { type: 'string' },
        name: { type: 'string' },
        'time-zone': { type: 'string' },
        country: { type: 'string' },
        locale: { type: 'string' },
        'owner-email': { type: 'string' },
        'owner-name': { type: 'string' },
        email: { type: 'string' },
        events: { type: 'string' },
        records: { type: 'string' },
        requests: { type: 'string' },
        'password-stdin': { type: 'boolean', default: false },
        'voice-number': { type: 'string', multiple: true, default: [] },
        'whatsapp-number': { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

/** @throws SwitchboardError `usage` where an option is another command's: it would do nothing, and seem to do it */
function refuseOthers(command: string, values: ReturnType<typeof parse>['values']): void {
  for (const [name, value] of Object.entries(values)) {
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
    const commands = commandsOf[name] ?? ['create'];
    if (isGiven && !commands.includes(command))
      throw wrong(`--${name} is for ${commands.join(' and ')}, not for ${command}`);
  }
}

/** What takes an option; not named: `create` alone. */
const commandsOf: Readonly<Record<string, readonly string[]>> = {
  slug: ['create', 'show', 'password', 'quota'],
  email: ['password'],
  events: ['quota'],
  records: ['quota'],
  requests: ['quota'],
  'password-stdin': ['create', 'password'],
  json: ['create', 'list', 'show', 'password', 'quota'],
};

function field<T>(name: string, schema: z.ZodType<T>, given: string | undefined): T {
  if (given === undefined) throw wrong(`--${name} must be given`);
  const read = schema.safeParse(given);
  if (!read.success) throw wrong(`--${name} ${read.error.issues[0]?.message}`);
  return read.data;
}

function quotasOf(given: Partial<Record<'events' | 'records' | 'requests', string>>): Partial<TenantQuotas> {
  const kinds = ['events', 'records', 'requests'] as const;
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      if (given[kind] === undefined) return [];
      const read = quota.safeParse(given[kind]);
      if (!read.success) throw wrong(`--${kind} must be a whole number from 1 to 999999999, or none`);
      return [[`${kind}_per_minute`, read.data]];
    }),
  );
}

function numbersOf(
  channel: 'voice' | 'whatsapp',
  given: readonly string[],
  inCountry: string,
): TenantNumber[] {
  return given.map((text) => {
    const number = toE164(text, inCountry);
    if (!number) throw wrong(`--${channel}-number must be a telephone number, e.g. +912240001234`);
    return { channel, number };
  });
}

function isZone(text: string): boolean {
  return text.includes('/') && doesNotThrow(() => new Intl.DateTimeFormat('en', { timeZone: text }));
}

function isLocale(text: string): boolean {
  return doesNotThrow(() => new Intl.Locale(text));
}

function doesNotThrow(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}

function wrong(what: string): SwitchboardError {
  return new SwitchboardError('usage', what);
}
