import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { runSimulation } from './run-simulation.ts';

const usage = `npm run simulate -- [--rate 20] [--for 60s] [--seed 1] [--url URL] [--secret SECRET]

Posts signed calls at a rate (calls per second), for a time (s, m, h), as a vendor would: repeats, late and
reordered events, five tries each. The same seed gives the same calls, each run under ids of its own. URL and secret come from
.switchboard/demo.json, which is there while npm start runs.
`;

const demo = z.object({ ingest: z.url(), webhook_secret: z.string() });
const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '20' },
    for: { type: 'string', default: '60s' },
    seed: { type: 'string', default: '1' },
    url: { type: 'string' },
    secret: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(usage);
} else {
  try {
    await simulate();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 2;
  }
}

async function simulate(): Promise<void> {
  const rate = numberOf('rate', values.rate, 0.01, 5_000);
  const seed = numberOf('seed', values.seed, 0, 2 ** 32 - 1);
  const forMs = durationOf(values.for);
  const { url, secret } = await target();
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const summary = await runSimulation({ rate, seed, forMs, url, secret, signal: stopping.signal });
  const line = Object.entries(summary).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${line.join(' ')} ms\n`);
  if (summary.failed > 0) process.exitCode = 1;
}

async function target(): Promise<{ url: string; secret: string }> {
  if (values.url && values.secret) return { url: values.url, secret: values.secret };
  const running = await readDemo();
  return {
    url: values.url ?? `${running.ingest}/api/v1/voice/webhook`,
    secret: values.secret ?? running.webhook_secret,
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
