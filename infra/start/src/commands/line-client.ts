import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createPool } from '@switchboard/postgres';

const STATEMENT_MS = 10 * 60_000;

/**
 * Runs statements on one connection and prints their rows: those of `-c`, else those of standard input, each up to a
 * semicolon at the end of a line.
 *
 * @returns the exit code: 1 when a statement of `-c` or of a script failed
 */
export async function lineClient(url: string, args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { command: { type: 'string', short: 'c', multiple: true } },
  });
  const pool = createPool({ url, applicationName: 'psql', max: 1, statementTimeoutMs: STATEMENT_MS });
  const client = await pool.connect();
  const run = async (sql: string): Promise<boolean> => {
    try {
      const result = await client.query({ text: sql, rowMode: 'array' });
      for (const { fields, rows, command, rowCount } of [result].flat()) {
        if (fields.length > 0) console.log(fields.map(({ name }) => name).join('\t'));
        for (const row of rows) console.log(row.map(show).join('\t'));
        console.log(`${command ?? ''} ${rowCount ?? ''}`.trim());
      }
      return true;
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      return false;
    }
  };
  try {
    const results: boolean[] = [];
    for (const command of values.command ?? []) results.push(await run(command));
    if (values.command === undefined) results.push(...(await interact(run)));
    return process.stdin.isTTY === true || results.every(Boolean) ? 0 : 1;
  } finally {
    client.release();
    await pool.end();
  }
}

async function interact(run: (sql: string) => Promise<boolean>): Promise<boolean[]> {
  if (process.stdin.isTTY)
    console.log('No psql is on the PATH: statements alone, each ends with a semicolon; \\q ends.');
  const lines = createInterface({
    input: process.stdin,
    output: process.stdin.isTTY ? process.stdout : undefined,
  });
  const prompt = (more: boolean) => {
    lines.setPrompt(more ? '-> ' : '=> ');
    if (process.stdin.isTTY) lines.prompt();
  };
  const results: boolean[] = [];
  let statement = '';
  prompt(false);
  for await (const line of lines) {
    if (line.trim() === '\\q') break;
    statement += `${line}\n`;
    if (line.trimEnd().endsWith(';')) {
      results.push(await run(statement));
      statement = '';
    }
    prompt(statement.trim() !== '');
  }
  if (statement.trim() !== '') results.push(await run(statement));
  return results;
}

function show(value: unknown): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
