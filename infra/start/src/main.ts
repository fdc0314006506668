import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { banner } from './banner.ts';
import { readNames } from './chosen.ts';
import { startDemoTraffic } from './demo-traffic.ts';
import { exitCodeOf, UsageError } from './exit-codes.ts';
import { defaultPorts, portsFrom } from './ports.ts';
import { readSettings } from './settings.ts';
import { startSwitchboard } from './start.ts';
import { type StartProcessesOptions, startProcesses } from './start-processes.ts';

const USAGE = `npm start [-- OPTIONS]

  --only NAMES         start some: kafka, schema-registry, postgres, clickhouse, ingest, api, enrich, sink-postgres,
                       sink-clickhouse, jobs, separated by commas
  --demo               post the demo clinic's last 90 days once, and what happens now for as long as it runs
  --ports BASE         use ten ports in a row from this one; without it the usual ones, or free ones where taken
  --patience SECONDS   how long each engine, and then the services, may take to be ready
  --reset              forget all data of the embedded engines, and all secrets, first; not with DATABASE_URL
  --quiet              print nothing but what goes wrong

Engines are embedded unless their URL is given: KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL (a superuser's),
CLICKHOUSE_URL. How to log in there, and all other settings: docs/configuration.md. Exit codes: docs/operations.md.`;

/** npm hands on a Ctrl-C that the terminal has already sent to all: the second within this time is the same one. */
const ECHO_MS = 1_000;
/** Busy for a clinic, and little beside its ninety days. */
const DEMO_CALLS_PER_SECOND = 0.2;

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof UsageError) console.error(`\n${USAGE}`);
  process.exit(exitCodeOf(error));
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      demo: { type: 'boolean', default: false },
      ports: { type: 'string' },
      patience: { type: 'string' },
      reset: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const say = values.quiet ? () => undefined : (line: string) => console.log(line);
  const warn = (line: string) => console.error(line);
  const aborted = new AbortController();
  const asked = Promise.withResolvers<undefined>();
  onSignal(() => {
    say('stopping…');
    aborted.abort(new Error('stopped'));
    asked.resolve(undefined);
  });
  // A reader of the lines that goes away is no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const only = values.only === undefined ? undefined : readNames(values.only);
  if (values.demo && only) throw new UsageError('--demo needs everything: leave --only away');
  const settings = readSettings();
  const options: StartProcessesOptions = {
    dir: '.switchboard',
    ports: values.ports === undefined ? defaultPorts : portsFrom(values.ports),
    insistOnPorts: values.ports !== undefined,
    patienceMs: values.patience === undefined ? undefined : secondsOf(values.patience) * 1000,
    reset: values.reset,
    say,
    warn,
    signal: aborted.signal,
    ...settings,
  };
  try {
    const { stop, gaveUp, idle } = only
      ? await startSome({ ...options, only }, say)
      : await startAll(options, { say, warn }, values.demo);
    if (idle) {
      await stop();
      say('All is prepared; nothing of what was named runs here.');
      process.exit(0);
    }
    const reason = await Promise.race([asked.promise, gaveUp]);
    if (reason) console.error(reason.message);
    await stop();
    say('stopped; the data is kept');
    process.exit(reason ? exitCodeOf(reason) : 0);
  } catch (error) {
    if (aborted.signal.aborted) process.exit(0);
    throw error;
  }
}

interface Started {
  /** Nothing was started: what was named is given by its URL. */
  idle?: boolean;
  gaveUp: Promise<Error>;
  stop(): Promise<void>;
}

async function startAll(
  options: StartProcessesOptions,
  { say, warn }: Record<'say' | 'warn', (line: string) => void>,
  withTraffic: boolean,
): Promise<Started> {
  const startedAt = Date.now();
  const switchboard = await startSwitchboard(options);
  const { dir, gaveUp, stop } = switchboard;
  say(banner(switchboard.demo, relative('.', resolve(dir, 'demo.json'))));
  if (switchboard.demo.analyst.user === switchboard.demo.clickhouse.user) {
    say('No user of its own for the data team: set CLICKHOUSE_ANALYST_USER and CLICKHOUSE_ANALYST_PASSWORD.');
  }
  say(`Ready after ${secondsSince(startedAt)} s.`);
  if (!withTraffic) return { gaveUp, stop };
  try {
    const traffic = await startDemoTraffic({
      dir,
      rate: DEMO_CALLS_PER_SECOND,
      say: warn,
      changed: ({ name, pid, port, logFile }) =>
        switchboard.show({ name, kind: 'traffic', pid, port, logFile }),
    });
    say(
      `Simulated calls arrive, one every ${1 / DEMO_CALLS_PER_SECOND} s; the last 90 days come in beside them.`,
    );
    return {
      gaveUp,
      async stop() {
        await traffic.stop();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSome(options: StartProcessesOptions, say: (line: string) => void): Promise<Started> {
  const startedAt = Date.now();
  const { supervisor, stop } = await startProcesses(options);
  for (const { process } of supervisor.list()) say(`  ${process.name.padEnd(16)} port ${process.port}`);
  const idle = supervisor.list().length === 0;
  if (!idle) say(`Ready after ${secondsSince(startedAt)} s. Ctrl-C stops them; the data stays.`);
  return { gaveUp: supervisor.gaveUp, stop, idle };
}

function secondsSince(startedAt: number): string {
  return ((Date.now() - startedAt) / 1000).toFixed(1);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= 3600) return seconds;
  throw new UsageError('--patience takes seconds, 1 to 3600');
}

/** The first signal asks for the end; one more, later, ends at once: what was started then ends by itself. */
function onSignal(ask: () => void): void {
  let first = 0;
  const heard = () => {
    if (first === 0) {
      first = Date.now();
      ask();
    } else if (Date.now() - first > ECHO_MS) {
      process.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
}
