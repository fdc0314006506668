/**
 * `npm run status`: the processes of this clone's `npm start`, their ports, health, memory and lag.
 * Exit code 0: all of it runs and is ready; 1: something isn't; 3: nothing runs here.
 */
import { relative } from 'node:path';
import { memoryOfStart } from '../memory-of-start.ts';
import type { RunningProcess } from '../running-file.ts';
import { probe } from './probe.ts';
import { runningHere } from './running-here.ts';

const MIB = 1024 * 1024;

const running = await runningHere();
const memory = memoryOfStart(running);
const probed = await Promise.all(
  running.processes.map(async (one) => ({ ...one, ...(await healthOf(one)) })),
);
const rows = probed.map(({ name, pid, port, restarts, lastEnd, health, lag }) => [
  name,
  String(pid),
  port === 0 ? '' : String(port),
  health,
  inMib(memory.byName.get(name)),
  lag === undefined ? '' : String(lag),
  String(restarts),
  lastEnd ?? '',
]);
const head = ['process', 'pid', 'port', 'health', 'memory', 'lag', 'restarts', 'last end'];
print([head, ...rows, ['start', String(running.pid), '', '', inMib(memory.byName.get('start')), '', '', '']]);
const since = Math.round((Date.now() - Date.parse(running.since)) / 1000);
console.log(
  `\n${running.ready ? 'Ready' : 'Starting'}, since ${since} s; ${inMib(memory.total)} in all (sum of proportional set sizes).`,
);
console.log(`Logs: npm run logs -- NAME -f (${relative('.', '.switchboard/logs')})`);
process.exitCode = running.ready && probed.every(({ well }) => well) ? 0 : 1;

function healthOf(one: RunningProcess): ReturnType<typeof probe> {
  return one.state === 'runs' ? probe(one) : Promise.resolve({ health: one.state, well: false });
}

function inMib(bytes: number | undefined): string {
  return bytes === undefined ? '?' : `${Math.round(bytes / MIB)} MiB`;
}

function print(table: string[][]): void {
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}
