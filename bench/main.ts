/**
 * `npm run bench -- NAME [--seconds N] [--events N]`: measures, and prints one JSON object per result on stdout. What each bench
 * does, and how to read it, stands in docs/benchmarks.md.
 */
import { parseArgs } from 'node:util';
import { backlog } from './backlog.ts';
import { clickhouseFairness } from './clickhouse-fairness.ts';
import { fairnessOfTenants } from './fairness-of-tenants.ts';
import { freshness } from './freshness.ts';
import { growth } from './growth.ts';
import { importFiles } from './import.ts';
import { inbox } from './inbox.ts';
import { ingest } from './ingest.ts';
import { pipeline } from './pipeline.ts';
import { poison } from './poison.ts';
import { records } from './records.ts';
import type { Bench } from './report.ts';
import { scale } from './scale.ts';
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
  scale,
  growth,
  backlog,
  poison,
  'fairness-of-tenants': fairnessOfTenants,
  'clickhouse-fairness': clickhouseFairness,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, events: { type: 'string' } },
});
const bench = benches[positionals[0] ?? ''];
const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const [seconds, events] = [numberOf(values.seconds), numberOf(values.events)];
const isWrong = (value: number | undefined) => value !== undefined && !(value > 0);

if (!bench || positionals.length !== 1 || isWrong(seconds) || isWrong(events)) {
  process.stderr.write(
    `npm run bench -- NAME [--seconds N] [--events N], with NAME one of: ${Object.keys(benches).join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  await bench({
    seconds,
    events,
    emit: (result) => process.stdout.write(`${JSON.stringify(result)}\n`),
    say: (line) => process.stderr.write(`${line}\n`),
  });
}
