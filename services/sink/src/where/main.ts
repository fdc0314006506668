/** `npm run where -- EVENT_ID`: exit code 0 when it was found, 1 when it is nowhere, 2 when it could not be told. */

import { parseArgs } from 'node:util';
import { describeError, SwitchboardError } from '@switchboard/platform';
import { readStackFile } from '@switchboard/platform/stack-file';
import { z } from 'zod';
import { demoSchema, whereConfig } from './config.ts';
import { describeWhereabouts, type Verdict } from './describe-whereabouts.ts';
import { openPlaces } from './open-places.ts';

const usage = 'npm run where -- EVENT_ID [--json]    # the event_id that ingest answered with';
const demoFile = '.switchboard/demo.json';
const patienceMs = 900;
const exitCodes: Record<Verdict, number> = { found: 0, nowhere: 1, unclear: 2 };

// What an engine that hangs holds open does not hold up whoever asked.
const endMs = 500;

try {
  process.exitCode = await main();
  setTimeout(() => process.exit(), endMs).unref();
} catch (error) {
  const own = error instanceof SwitchboardError ? error.message : undefined;
  process.stderr.write(`where: ${own ?? JSON.stringify(describeError(error), null, 2)}\n`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { eventId, json } = readArguments();
  const places = openPlaces(whereConfig(readStackFile(demoFile, demoSchema)), patienceMs);
  try {
    const found = await places.look(eventId);
    const { verdict, lines } = describeWhereabouts(found);
    const printed = json ? JSON.stringify({ verdict, ...found }, printable, 2) : lines.join('\n');
    process.stdout.write(`${printed}\n`);
    return exitCodes[verdict];
  } finally {
    await places.close();
  }
}

function readArguments(): { eventId: string; json: boolean } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const [eventId] = z.tuple([z.guid()]).parse(positionals);
    return { eventId: eventId.toLowerCase(), json: values.json };
  } catch {
    throw new SwitchboardError('usage', usage);
  }
}

function printable(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
