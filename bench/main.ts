/**
 * `npm run bench -- NAME [--seconds N]`: measures, and prints one JSON object per result on stdout. What each bench
 * does, and how to read it, stands in docs/benchmarks.md.
 */
import { parseArgs } from 'node:util';
import { backlog } from './backlog.ts';
import { clickhouseFairness } from './clickhouse-fairness.ts';
import { fairnessOfTenants } from './fairness-of-tenants.ts';
import { freshness } from './freshness.ts';
import { importFiles } from './import.ts';
import { inbox } from './inbox.ts';
import { ingest } from './ingest.ts';
import { pipeline } from './pipeline.ts';
import { poison } from './poison.ts';
import { records } from './records.ts';
import type { Bench } from './report.ts';
import { start } from './start.ts';
import { tools } from './tools.ts';

const benches: Record<string, Bench> = {
  ingest,
  pipeline,
  records,
  import: importFiles,
  freshness,
  inbox,
  tools,
  start,
  backlog,
  poison,
  'fairness-of-tenants': fairnessOfTenants,
  'clickhouse-fairness': clickhouseFairness,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' } },
});
const bench = benches[positionals[0] ?? ''];
const seconds = values.seconds === undefined ? undefined : Number(values.seconds);

if (!bench || positionals.length !== 1 || (seconds !== undefined && !(seconds > 0))) {
  process.stderr.write(
    `npm run bench -- NAME [--seconds N], with NAME one of: ${Object.keys(benches).join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  await bench({
    seconds,
    emit: (result) => process.stdout.write(`${JSON.stringify(result)}\n`),
    say: (line) => process.stderr.write(`${line}\n`),
  });
}
