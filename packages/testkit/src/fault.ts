import { appendFileSync, readFileSync, renameSync } from 'node:fs';
import { z } from 'zod';

/** Settings of a process that does something to itself at a step. */
export const faultShape = {
  /** `inserting:2:SIGKILL`: kills itself the second time it is about to insert; SIGSTOP freezes it. */
  SWITCHBOARD_FAULT: z
    .string()
    .regex(/^[a-z-]+:\d+:SIG(KILL|STOP)$/)
    .optional(),
  /** Whose text is the name of a step kills itself there, once: the file is renamed to `….done` before. */
  SWITCHBOARD_FAULT_FILE: z.string().optional(),
  /** Gets the name of each step, a line each. */
  SWITCHBOARD_STEPS_FILE: z.string().optional(),
};

export interface FaultSettings {
  SWITCHBOARD_FAULT?: string;
  SWITCHBOARD_FAULT_FILE?: string;
  SWITCHBOARD_STEPS_FILE?: string;
}

/** What to call at each step. */
export function createFault(settings: FaultSettings): (step: string) => void {
  const { SWITCHBOARD_FAULT: fault, SWITCHBOARD_FAULT_FILE: armed, SWITCHBOARD_STEPS_FILE: file } = settings;
  const [name, times, signal] = fault?.split(':') ?? [];
  let left = Number(times ?? 0);
  return (step) => {
    if (file) appendFileSync(file, `${step}\n`);
    if (armed && readIfThere(armed) === step) {
      renameSync(armed, `${armed}.done`);
      process.kill(process.pid, 'SIGKILL');
    }
    if (step !== name || --left !== 0) return;
    process.kill(process.pid, signal);
  };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
