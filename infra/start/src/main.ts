import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig, secret } from '@switchboard/platform';
import { z } from 'zod';
import { banner } from './banner.ts';
import { defaultPorts } from './ports.ts';
import { type StartOptions, startSwitchboard } from './start.ts';

const USAGE = `npm start [-- --reset] [-- --quiet]

  --reset   forget all data of the embedded engines, and all secrets, first
  --quiet   print nothing but what goes wrong

Engines are embedded unless their URL is given: KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL (a superuser's),
CLICKHOUSE_URL with CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.`;

const shape = {
  KAFKA_BROKERS: z.string().optional(),
  SCHEMA_REGISTRY_URL: z.url().optional(),
  DATABASE_URL: secret(z.url().optional()),
  CLICKHOUSE_URL: z.url().optional(),
  CLICKHOUSE_USER: z.string().default('default'),
  CLICKHOUSE_PASSWORD: secret(z.string().default('')),
};

/** npm hands on a Ctrl-C that the terminal has already sent to all: the second within this time is the same one. */
const ECHO_MS = 1_000;

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
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
  const aborted = new AbortController();
  const asked = Promise.withResolvers<undefined>();
  onSignal(() => {
    say('stopping…');
    aborted.abort(new Error('stopped'));
    asked.resolve(undefined);
  });
  // A reader of the lines that goes away is no reason to end.
  process.stdout.on('error', () => undefined);
  try {
    const startedAt = Date.now();
    const switchboard = await startSwitchboard({
      dir: '.switchboard',
      ports: defaultPorts,
      reset: values.reset,
      say,
      signal: aborted.signal,
      ...fromEnvironment(),
    });
    say(banner(switchboard.demo, relative('.', resolve(switchboard.dir, 'demo.json'))));
    say(`Ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
    const reason = await Promise.race([asked.promise, switchboard.gaveUp]);
    if (reason)
      console.error(`${reason.message}\nIts log is in ${relative('.', resolve(switchboard.dir, 'logs'))}.`);
    await switchboard.stop();
    say('stopped; the data is kept');
    process.exit(reason ? 1 : 0);
  } catch (error) {
    if (aborted.signal.aborted) process.exit(0);
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

function fromEnvironment(): Pick<StartOptions, 'given' | 'inherited'> {
  const config = loadConfig(shape);
  const { env } = process;
  const inherited = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    inherited: Object.fromEntries(inherited),
    given: {
      kafka: config.KAFKA_BROKERS,
      schemaRegistry: config.SCHEMA_REGISTRY_URL,
      postgres: config.DATABASE_URL,
      clickhouse: config.CLICKHOUSE_URL
        ? { url: config.CLICKHOUSE_URL, user: config.CLICKHOUSE_USER, password: config.CLICKHOUSE_PASSWORD }
        : undefined,
    },
  };
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
