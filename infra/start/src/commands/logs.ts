/** `npm run logs -- [NAME…] [-f] [-n LINES]`: what the processes of `npm start` print. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findLogs, followLogs } from './follow-logs.ts';
import { DATA_DIR } from './running-here.ts';

const USAGE = `npm run logs -- [NAME…] [-f] [-n LINES]

  NAME       a process (ingest, kafka, …), or the beginning of several: sink is sink-postgres and sink-clickhouse
  -f         go on with what is written from now on, until Ctrl-C
  -n LINES   how many lines of each are shown first, 20 unless told`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      follow: { type: 'boolean', short: 'f', default: false },
      lines: { type: 'string', short: 'n', default: '20' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(USAGE);
  else await show(positionals, Number(values.lines), values.follow);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function show(names: string[], lines: number, follow: boolean): Promise<void> {
  if (!Number.isInteger(lines) || lines < 0) throw new Error('-n takes a number of lines');
  const dir = join(DATA_DIR, 'logs');
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort());
  process.once('SIGTERM', () => stopped.abort());
  // A reader that has seen enough, as head, is no failure.
  process.stdout.on('error', () => process.exit(0));
  await followLogs({
    dir,
    logs: await findLogs(dir, names),
    lines,
    follow: follow ? stopped.signal : undefined,
    print: (line) => process.stdout.write(`${line}\n`),
  });
}
