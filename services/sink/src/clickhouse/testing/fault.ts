import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import type { Step } from '../dependencies.ts';

/** Settings of a process that does something to itself at a step. */
export const faultShape = {
  /** `inserting:2:SIGKILL`: kills itself the second time it is about to insert; SIGSTOP freezes it. */
  SWITCHBOARD_FAULT: z
    .string()
    .regex(/^[a-z-]+:\d+:SIG(KILL|STOP)$/)
    .optional(),
  /** Gets the name of each step, a line each. */
  SWITCHBOARD_STEPS_FILE: z.string().optional(),
};

export interface FaultSettings {
  SWITCHBOARD_FAULT?: string;
  SWITCHBOARD_STEPS_FILE?: string;
}

/** What to call at each step. */
export function createFault(settings: FaultSettings): (step: Step) => void {
  const { SWITCHBOARD_FAULT: fault, SWITCHBOARD_STEPS_FILE: file } = settings;
  const [name, times, signal] = fault?.split(':') ?? [];
  let left = Number(times ?? 0);
  return (step) => {
    if (file) appendFileSync(file, `${step}\n`);
    if (step !== name || --left !== 0) return;
    process.kill(process.pid, signal);
  };
}
