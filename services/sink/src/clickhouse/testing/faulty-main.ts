/**
 * The process "sink-clickhouse" that does something to itself at a step, for tests:
 * `SWITCHBOARD_FAULT=inserting:2:SIGKILL` kills it the second time it is about to insert; SIGSTOP freezes it.
 */
import { appendFileSync } from 'node:fs';
import { runService } from '@switchboard/platform';
import { z } from 'zod';
import type { Step } from '../dependencies.ts';
import { sinkShape, startSink } from '../start-sink.ts';

const shape = {
  ...sinkShape,
  SWITCHBOARD_FAULT: z
    .string()
    .regex(/^[a-z-]+:\d+:SIG(KILL|STOP)$/)
    .optional(),
  /** Gets the name of each step, a line each. */
  SWITCHBOARD_STEPS_FILE: z.string().optional(),
};

await runService('sink-clickhouse', shape, async (context) => {
  const { SWITCHBOARD_FAULT: fault, SWITCHBOARD_STEPS_FILE: file } = context.config;
  const [name, times, signal] = fault?.split(':') ?? [];
  let left = Number(times ?? 0);
  await startSink(context, (step: Step) => {
    if (file) appendFileSync(file, `${step}\n`);
    if (step !== name || --left !== 0) return;
    process.kill(process.pid, signal);
  });
});
