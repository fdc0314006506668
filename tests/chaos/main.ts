/**
 * `npm run chaos [-- --minutes 5 --seed 1 --scenario kill --json FILE --keep]`: a system of its own that everybody writes
 * to while one thing after the other goes wrong. Exit code 0 when every promise was kept, else 1.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { isScenario, needsNetwork, scenarioNames } from './harm/harm.ts';
import { renderReport } from './render-report.ts';
import { runChaos } from './run-chaos.ts';
import { startOwnSystem } from './start-own-system.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string', multiple: true, default: [...scenarioNames] },
    pace: { type: 'string', default: '1' },
    json: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const wanted = values.scenario.flatMap((names) => names.split(','));
const scenarios = wanted.filter(isScenario);
if (scenarios.length < wanted.length) {
  process.stderr.write(`--scenario takes ${scenarioNames.join(', ')}; all unless told\n`);
  process.exit(2);
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const system = await startOwnSystem({
  clocks: scenarios.includes('clocks'),
  network: needsNetwork(scenarios),
  smallDisk: scenarios.includes('disk-full'),
  say,
  signal: stop.signal,
});
stop.signal.addEventListener('abort', () => system.stop().then(() => process.exit(130)));
let failed = true;
try {
  const report = await runChaos({
    system,
    seed: Number(values.seed),
    scenarios,
    durationMs: Number(values.minutes) * 60_000,
    harmMs: 30_000,
    pace: Number(values.pace),
    say,
  });
  process.stdout.write(`${renderReport(report)}\n`);
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  failed = report.findings.length > 0;
} finally {
  await system.stop({ keep: values.keep || failed });
  if (values.keep || failed) say(`data and logs: ${system.dir}`);
}
process.exitCode = failed ? 1 : 0;
