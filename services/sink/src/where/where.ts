import { parseArgs } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { SwitchboardError } from '@switchboard/platform/errors';
import { readStackFile } from '@switchboard/platform/stack-file';
import { z } from 'zod';
import { demoSchema, whereConfig } from './config.ts';
import { describeWhereabouts, type Verdict } from './describe-whereabouts.ts';
import { openPlaces } from './open-places.ts';

const usage = `npm run where -- EVENT_ID [--at TIME] [--wait SECONDS] [--json]
  EVENT_ID          the event_id that ingest answered with
  --at TIME         about when it did, as 2026-11-20T10:32+05:30: what waits in Kafka of then is looked at first
  --wait SECONDS    how much longer than a second it may take to ask, and to go through what waits`;
const demoFile = '.switchboard/demo.json';
/** Since the process began. */
const wholeMs = 1_000;
/** Where starting took nearly all of it. */
const leastMs = 400;
const exitCodes: Record<Verdict, number> = { found: 0, nowhere: 1, unclear: 2 };

/** The command, once. @returns its exit code */
export async function where(searcher: Worker): Promise<number> {
  const { eventId, json, around, waitMs } = readArguments();
  const patience = {
    until: Math.ceil(performance.timeOrigin) + wholeMs + waitMs,
    // On a machine that has much else to do engines get as long as starting took.
    leastMs: Math.max(leastMs, Math.ceil(performance.now())),
    around,
  };
  const config = whereConfig(readStackFile(demoFile, demoSchema));
  const found = await openPlaces(config, patience, searcher).look(eventId);
  const { verdict, lines } = describeWhereabouts(found);
  const printed = json ? JSON.stringify({ verdict, ...found }, printable, 2) : lines.join('\n');
  process.stdout.write(`${printed}\n`);
  return exitCodes[verdict];
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        at: { type: 'string' },
        wait: { type: 'string', default: '0' },
      },
    });
    const [eventId] = z.tuple([z.guid()]).parse(positionals);
    const around = values.at === undefined ? Date.now() : z.coerce.date().parse(values.at).getTime();
    const seconds = z.coerce.number().min(0).max(86_400).parse(values.wait);
    return { eventId: eventId.toLowerCase(), json: values.json, around, waitMs: Math.ceil(seconds * 1_000) };
  } catch {
    throw new SwitchboardError('usage', usage);
  }
}

function printable(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
