/** `npm run simulate`: exit code 0 when all was taken; 1: some was not; 2: it could not be done; 64: wrong command line. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { demoCallers, type SimulatedClinic } from './clinic.ts';
import { clinicOfMany } from './clinics.ts';
import { createDeskClient } from './desk/desk-client.ts';
import { createFrontDesk } from './desk/front-desk.ts';
import { writeHistoryFiles } from './history/history-files.ts';
import { postHistory } from './history/post-history.ts';
import { tellHistory } from './history/tell-history.ts';
import { withPeople } from './people.ts';
import { readOptions, type SimulateOptions, UsageError, usage } from './read-options.ts';
import { runSimulation } from './run-simulation.ts';
import { type Target, targetElsewhere, targetsHere } from './targets.ts';

const historyState = z.object({ endAt: z.number(), done: z.boolean() });
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else if (options.csv !== undefined) await writeFiles(options, options.csv);
  else await (options.history ? simulateHistory(options) : simulate(options));
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (isUsage) process.stderr.write(`\n${usage}`);
  process.exitCode = isUsage ? 64 : 2;
}

async function simulate(options: SimulateOptions): Promise<void> {
  const { rate, seed, forMs, patients } = options;
  const targets = await targetsOf(options);
  const summaries = await Promise.all(
    targets.map((target, index) =>
      runSimulation({
        ...target,
        clinic: withPeople(target.clinic, patients),
        rate: rate / targets.length,
        seed: seed + index,
        forMs,
        signal: stopping.signal,
      }),
    ),
  );
  for (const [index, summary] of summaries.entries()) say(targets, index, summary, ' ms');
  if (summaries.some(({ failed }) => failed > 0)) process.exitCode = 1;
}

async function simulateHistory(options: SimulateOptions): Promise<void> {
  const { endAt, done } = await readState(options.state);
  if (done) return;
  await writeState(options.state, { endAt, done: false });
  const targets = await targetsOf(options);
  let failed = 0;
  for (const [index, { clinic, url, secret, events, desk }] of targets.entries()) {
    if (!events || stopping.signal.aborted) break;
    const history = historyOf(options, clinic, endAt);
    const summary = await postHistory(
      {
        calls: { url, secret },
        events,
        desk: desk && createFrontDesk({ client: createDeskClient(desk), seed: options.seed, now: Date.now }),
        signal: stopping.signal,
      },
      history,
    );
    failed += summary.failed;
    say(targets, index, summary);
  }
  if (failed > 0) process.exitCode = 1;
  else if (!stopping.signal.aborted) await writeState(options.state, { endAt, done: true });
}

async function writeFiles(options: SimulateOptions, dir: string): Promise<void> {
  const { endAt } = await readState(options.state);
  const clinics = Array.from({ length: options.tenants }, (_, index) => clinicOfMany(index).simulated);
  for (const clinic of clinics) {
    const own = clinics.length > 1 ? join(dir, clinic.slug) : dir;
    const rows = await writeHistoryFiles(own, historyOf(options, clinic, endAt));
    const line = Object.entries(rows).map(([name, count]) => `${name}=${count}`);
    process.stdout.write(`${own}: ${line.join(' ')}\n`);
  }
}

function historyOf({ seed, days, patients }: SimulateOptions, clinic: SimulatedClinic, endAt: number) {
  return tellHistory({ seed, endAt, days, patients, clinic });
}

function targetsOf({ elsewhere, tenants }: SimulateOptions): Promise<Target[]> {
  if (elsewhere) return Promise.resolve([targetElsewhere(elsewhere, stopping.signal)]);
  return targetsHere('.switchboard', tenants, stopping.signal);
}

function say(targets: readonly Target[], index: number, summary: object, unit = ''): void {
  const line = Object.entries(summary).map(([name, value]) => `${name}=${value}`);
  const whose = targets.length > 1 ? `${targets[index]?.clinic.slug ?? demoCallers.slug}: ` : '';
  process.stdout.write(`${whose}${line.join(' ')}${unit}\n`);
}

/** When the history ends: where it was begun before, then as then. */
async function readState(file: string | undefined): Promise<z.infer<typeof historyState>> {
  const text = file && (await readFile(file, 'utf8').catch(() => undefined));
  return text ? historyState.parse(JSON.parse(text)) : { endAt: Date.now(), done: false };
}

async function writeState(file: string | undefined, state: z.infer<typeof historyState>): Promise<void> {
  if (file === undefined) return;
  await writeFile(`${file}.new`, JSON.stringify(state));
  await rename(`${file}.new`, file);
}
