/** `npm run clickhouse -- "SELECT …" [--format NAME]`: a statement on the running ClickHouse, as the services' user, in their database. */
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { askClickHouse } from './ask-clickhouse.ts';
import { runningHere } from './running-here.ts';

const USAGE = `npm run clickhouse -- "SELECT …" [--format NAME]

The statement may come by standard input. The format is PrettyCompact on a terminal, else TSVWithNames.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { format: { type: 'string' }, help: { type: 'boolean', default: false } },
});

if (values.help) console.log(USAGE);
else process.exitCode = await ask(positionals[0] ?? (await text(process.stdin)), values.format);

async function ask(
  sql: string,
  format = process.stdout.isTTY ? 'PrettyCompact' : 'TSVWithNames',
): Promise<number> {
  const { urls } = await runningHere();
  if (sql.trim() === '') {
    console.error(USAGE);
    return 2;
  }
  if (!urls.clickhouse) {
    console.error('ClickHouse is not among what runs here: npm start -- --only clickhouse,…');
    return 1;
  }
  const { status, answer } = await askClickHouse(urls.clickhouse, sql, format);
  if (status !== 200) {
    console.error((await text(answer)).trim());
    return 1;
  }
  try {
    // Standard output is the shell's, and stays open.
    await pipeline(answer, process.stdout, { end: false });
    return 0;
  } catch (error) {
    // A reader that has seen enough, as head, is no failure.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 0;
    console.error('The answer broke off.');
    return 1;
  }
}
