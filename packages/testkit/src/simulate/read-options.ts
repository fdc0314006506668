import { parseArgs } from 'node:util';

export const usage = `npm run simulate -- [--rate 20] [--for 60s] [--seed 1] [--tenants 1] [--patients 300]
npm run simulate -- --history [--days 90] [--patients 300] [--seed 1] [--tenants 1] [--state FILE] [--csv DIR]

Without --history, what happens now: signed calls as a vendor posts them (repeats, late and reordered events, five tries
each), in which the voice agent finds patients and times and books, moves and cancels by the tools; WhatsApp messages as
Twilio posts them; and what the clinic's own system tells of visits and its answers. Each minute its front desk resolves
conversations that were answered, and closes what was asked for.

  --rate N        calls a second, of all clinics together, 0.01 to 5000; 20 unless told
  --for TIME      how long, e.g. 30s, 5m, 1h; 60s unless told
  --patients N    how many patients the clinic has, who are most of those who call; 300 unless told

With --history, whole stories of what was: patients, calls, chats, visits kept, moved and missed, journeys with overdue
steps, one bad week; with a front desk that worked through its lists.

  --days N        how many days back, 1 to 1000; 90 unless told
  --patients N    of each clinic, 1 to 100000; 300 unless told
  --state FILE    remembers when the story ended: what was broken off goes on as it was, what is done is not done again
  --csv DIR       posts nothing, but writes what the clinic's system knows as files for npm run import; a folder for each
                  clinic where there are several. Calls are in no file

  --seed N        the same seed gives the same story; 1 unless told
  --tenants N     that many clinics, the demo clinic first, 1 to 50. Those that are missing are made, in the stack that runs here

Addresses and keys are those of the stack that runs here (.switchboard/demo.json). For any other, one clinic:

  --url URL       of the voice agent's webhooks, e.g. https://HOST/api/v1/voice/webhook
  --secret SECRET that they are signed with
  --key API_KEY   with the scope events:write: the clinic's system posts, too; a history needs it. There is no front desk
`;

/** What the command line asks for. */
export interface SimulateOptions {
  help: boolean;
  history: boolean;
  /** Calls per second. */
  rate: number;
  forMs: number;
  seed: number;
  days: number;
  patients: number;
  tenants: number;
  state: string | undefined;
  csv: string | undefined;
  /** A stack that is not the one that runs here. */
  elsewhere: { url: string; secret: string; key: string | undefined } | undefined;
}

/** A command line that asks for what can't be; the message says what can. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** @throws UsageError */
export function readOptions(args: readonly string[]): SimulateOptions {
  const values = parse(args);
  const history = values.history ?? false;
  const given = (names: readonly (keyof typeof values)[]) => names.find((name) => values[name] !== undefined);
  const stray = given(history ? ['rate', 'for'] : ['days', 'state', 'csv']);
  if (stray)
    throw new UsageError(history ? `--${stray} goes without --history` : `--${stray} needs --history`);
  const tenants = numberOf('tenants', values.tenants ?? '1', 1, 50);
  const { url, secret, key } = values;
  const apart = given(['url', 'secret', 'key']);
  if (apart && (!url || !secret)) throw new UsageError(`--${apart} needs --url and --secret, both`);
  if (url && !URL.canParse(url))
    throw new UsageError('--url must be a URL, e.g. https://HOST/api/v1/voice/webhook');
  if (apart && tenants > 1)
    throw new UsageError('--tenants makes clinics in the stack that runs here: leave --url away');
  if (url && history && !key && !values.csv) throw new UsageError('a history needs --key, or --csv');
  return {
    help: values.help ?? false,
    history,
    rate: numberOf('rate', values.rate ?? '20', 0.01, 5_000, false),
    forMs: durationOf(values.for ?? '60s'),
    seed: numberOf('seed', values.seed ?? '1', 0, 2 ** 32 - 1),
    days: numberOf('days', values.days ?? '90', 1, 1_000),
    patients: numberOf('patients', values.patients ?? '300', 1, 100_000),
    tenants,
    state: values.state,
    csv: values.csv,
    elsewhere: url && secret ? { url, secret, key } : undefined,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rate: { type: 'string' },
        for: { type: 'string' },
        seed: { type: 'string' },
        history: { type: 'boolean' },
        days: { type: 'string' },
        patients: { type: 'string' },
        tenants: { type: 'string' },
        state: { type: 'string' },
        csv: { type: 'string' },
        url: { type: 'string' },
        secret: { type: 'string' },
        key: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(name: string, text: string, least: number, most: number, isWhole = true): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
    throw new UsageError(`--${name} must be a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`);
  return value;
}

function durationOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh])$/.exec(text);
  const unit = units[match?.[2] ?? ''];
  if (!match || unit === undefined) throw new UsageError('--for must be a time like 60s, 5m or 1h');
  return Number(match[1]) * unit;
}
