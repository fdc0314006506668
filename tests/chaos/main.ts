/**
 * `npm run chaos [-- --calls 3000 --rate 20 --seed 1 --keep]`: a system of its own, killed under traffic. Exit code 0
 * when nothing was lost, doubled or off, else 1. `--keep` leaves data and logs.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSwitchboard } from '@switchboard/start';
import { createLedger } from '@switchboard/testkit/ledger';
import { renderReport } from './render-report.ts';
import { everythingKilled, runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '3000' },
    rate: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});

const dir = await mkdtemp(join(tmpdir(), 'switchboard-chaos-'));
const say = (line: string) => process.stderr.write(`${line}\n`);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const running = await startSwitchboard({ dir, say, signal: stop.signal });
stop.signal.addEventListener('abort', () => running.stop().then(() => process.exit(130)));
let failed = true;
try {
  const report = await runChaos({
    running,
    ledger: createLedger(),
    seed: Number(values.seed),
    calls: Number(values.calls),
    rate: Number(values.rate),
    times: everythingKilled,
    restWithinMs: 300_000,
  });
  process.stdout.write(`${renderReport(report)}\n`);
  failed = report.findings.length > 0;
} finally {
  await running.stop();
  if (values.keep || failed) say(`data and logs: ${dir}`);
  else await rm(dir, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
