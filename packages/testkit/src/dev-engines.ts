/**
 * Keeps a test stack running between test runs:
 *
 *     node packages/testkit/src/dev-engines.ts --file engines.json
 *
 * Tests use it with SWITCHBOARD_TEST_ENGINES=engines.json. It stays until SIGTERM or Ctrl-C; its data stands beside the
 * file and, like the ports, is taken up again by the next start.
 */
import { readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Engines, enginesSchema } from './engines.ts';
import { type StackOptions, startStack } from './stack.ts';

const { values } = parseArgs({ options: { file: { type: 'string', default: 'engines.json' } } });
const file = resolve(values.file);

const stack = await startStack({ dataDir: `${file}.data`, ports: portsOfLastTime(), progress: console.log });
await writeFile(file, `${JSON.stringify(stack.urls, null, 2)}\n`, { mode: 0o600 });
console.log(`their URLs are in ${file}`);
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
const alive = setInterval(() => undefined, 60_000);

async function stop(): Promise<void> {
  clearInterval(alive);
  await stack.stop();
}

function portsOfLastTime(): StackOptions['ports'] {
  let last: Engines;
  try {
    last = enginesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    rmSync(file, { force: true });
    return {};
  }
  const portOf = (url: string) => Number(new URL(url).port);
  return {
    kafka: portOf(`kafka://${last.kafka}`),
    schemaRegistry: portOf(last.schemaRegistry),
    postgres: portOf(last.postgresAdmin),
    clickhouse: portOf(last.clickhouse.url),
  };
}
