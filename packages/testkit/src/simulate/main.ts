import { readFile, rename, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { postHistory } from './history/post-history.ts';
import { tellHistory } from './history/tell-history.ts';
import { runSimulation } from './run-simulation.ts';

const usage = `npm run simulate -- [--rate 20] [--for 60s] [--seed 1] [--url URL] [--secret SECRET] [--key API_KEY]
npm run simulate -- --history [--days 90] [--patients 300] [--seed 1] [--state FILE]

Posts signed calls at a rate (calls per second), for a time (s, m, h), as a vendor would: repeats, late and
reordered events, five tries each; and what the clinic's own system tells of them: appointments, visits, messages. With
--history, the story of the last days instead: patients, calls, chats, visits kept, moved and missed, journeys with overdue
steps. The same seed gives the same story; --state keeps when it ended, so that a history that was broken off is posted
again as it was, and one that is there is not posted again. URL, secret and key come from .switchboard/demo.json, which is
there while npm start runs.
`;

const demo = z.object({ ingest: z.url(), webhook_secret: z.string(), api_key: z.string() });
const historyState = z.object({ endAt: z.number(), done: z.boolean() });
const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const hookPath = '/api/v1/voice/webhook';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '20' },
    for: { type: 'string', default: '60s' },
    seed: { type: 'string', default: '1' },
    history: { type: 'boolean', default: false },
    days: { type: 'string', default: '90' },
    patients: { type: 'string', default: '300' },
    state: { type: 'string' },
    url: { type: 'string' },
    secret: { type: 'string' },
    key: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());

if (values.help) {
  process.stdout.write(usage);
} else {
  try {
    await (values.history ? simulateHistory() : simulate());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 2;
  }
}

async function simulate(): Promise<void> {
  const rate = numberOf('rate', values.rate, 0.01, 5_000);
  const seed = numberOf('seed', values.seed, 0, 2 ** 32 - 1);
  const forMs = durationOf(values.for);
  const summary = await runSimulation({ rate, seed, forMs, ...(await target()), signal: stopping.signal });
  const line = Object.entries(summary).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${line.join(' ')} ms\n`);
  if (summary.failed > 0) process.exitCode = 1;
}

async function simulateHistory(): Promise<void> {
  const seed = numberOf('seed', values.seed, 0, 2 ** 32 - 1);
  const days = numberOf('days', values.days, 1, 1_000);
  const patients = numberOf('patients', values.patients, 1, 100_000);
  const { url, secret, events } = await target();
  if (!events) throw new Error('a history needs --key');
  const { endAt, done } = await readState();
  if (done) return;
  await writeState({ endAt, done: false });
  const history = tellHistory({ seed, endAt, days, patients });
  const summary = await postHistory({ calls: { url, secret }, events, signal: stopping.signal }, history);
  const line = Object.entries(summary).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${line.join(' ')}\n`);
  if (summary.failed > 0) process.exitCode = 1;
  else if (!stopping.signal.aborted) await writeState({ endAt, done: true });
}

/** When the history ends: where it was begun before, then as then. */
async function readState(): Promise<z.infer<typeof historyState>> {
  const text = values.state && (await readFile(values.state, 'utf8').catch(() => undefined));
  return text ? historyState.parse(JSON.parse(text)) : { endAt: Date.now(), done: false };
}

async function writeState(state: z.infer<typeof historyState>): Promise<void> {
  if (values.state === undefined) return;
  await writeFile(`${values.state}.new`, JSON.stringify(state));
  await rename(`${values.state}.new`, values.state);
}

async function target() {
  const { url, secret, key } = values;
  const running = url && secret ? undefined : await readDemo();
  const hook = url ?? `${running?.ingest}${hookPath}`;
  const apiKey = key ?? running?.api_key;
  const eventsUrl = hook.replace(/\/voice\/webhook.*$/, '/events');
  return {
    url: hook,
    secret: secret ?? running?.webhook_secret ?? '',
    events: apiKey === undefined ? undefined : { url: eventsUrl, key: apiKey, signal: stopping.signal },
  };
}

async function readDemo(): Promise<z.infer<typeof demo>> {
  const file = '.switchboard/demo.json';
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`${file} is not there: is npm start running? Otherwise give --url and --secret.`);
  });
  return demo.parse(JSON.parse(text));
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least || value > most)
    throw new Error(`--${name} must be a number from ${least} to ${most}`);
  return value;
}

function durationOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh])$/.exec(text);
  const unit = units[match?.[2] ?? ''];
  if (!match || unit === undefined) throw new Error('--for must be a time like 60s, 5m or 1h');
  return Number(match[1]) * unit;
}
