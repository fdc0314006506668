import { isPortFree } from './free-port.ts';
import { describeHolder, portHolder } from './port-holder.ts';
import { familyOf } from './process-table.ts';
import { diskFull, NO_SPACE, StartError } from './start-error.ts';

const LINES = 15;

/** How a process failed to start. */
export interface Failure {
  kind: 'died' | 'hung';
  /** "ended (exit code 3) before it was ready" */
  what: string;
  /** What it has printed. */
  log: string;
}

/** The error for a process that could not be started: the disk, or who has its port, or its own last lines. */
export async function diagnose(
  { name, port, logFile }: { name: string; port: number; logFile: string },
  { kind, what, log }: Failure,
): Promise<StartError> {
  const lines = `Its last lines (${logFile}):\n${log.trimEnd().split('\n').slice(-LINES).join('\n')}`;
  const cause = new Error(`${name} ${what}. ${lines}`);
  if (NO_SPACE.test(log)) return diskFull(logFile, cause);
  if (kind === 'died' && (await isTaken(port))) return portTaken(name, port, { cause });
  return kind === 'died'
    ? new StartError('process_died', `${name} ${what}. ${lines}`)
    : new StartError(
        'process_hung',
        `${name} ${what}, and was ended. On a slow machine give it longer: npm start -- --patience SECONDS. ${lines}`,
      );
}

/** The error for a port that another process listens on. */
export function portTaken(
  name: string,
  port: number,
  { holder = describeHolder(port), cause }: { holder?: string; cause?: unknown } = {},
): StartError {
  return new StartError(
    'port_taken',
    `Port ${port}, which ${name} is to use, is taken by ${holder}. End that process, or choose other ports: npm start -- --ports BASE.`,
    { cause },
  );
}

/** Whether somebody else has the port; one of our own children that is still ending doesn't count. */
async function isTaken(port: number): Promise<boolean> {
  if (port === 0 || (await isPortFree(port))) return false;
  const holder = portHolder(port);
  return holder === undefined || !familyOf(process.pid).includes(holder.pid);
}
