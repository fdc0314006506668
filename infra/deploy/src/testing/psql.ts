/**
 * Stands in for `psql`, which comes with Postgres' image and not with the embedded server: `--file`, standard input,
 * `-v`, `\getenv` and `:'variable'`, as the files of infra/postgres use them.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createPool } from '@switchboard/postgres';

const { values } = parseArgs({
  options: {
    variable: { type: 'string', short: 'v', multiple: true },
    username: { type: 'string' },
    dbname: { type: 'string' },
    file: { type: 'string', multiple: true },
  },
});
const variables = new Map<string, string>();
for (const given of values.variable ?? []) {
  const [name = '', ...value] = given.split('=');
  variables.set(name, value.join('='));
}
if (variables.get('ON_ERROR_STOP') !== '1') throw new Error('an error would go unseen');

const url = new URL(process.env.PSQL_URL ?? '');
if (url.username !== values.username) throw new Error('another user');
url.pathname = `/${values.dbname}`;
const pool = createPool({ url: url.href, applicationName: 'psql', max: 1 });
try {
  for (const file of values.file ?? ['-']) {
    if (file === '-') await runScript(readFileSync(0, 'utf8'));
    else await pool.query(readFileSync(file.replace('/switchboard/', `${process.env.PSQL_SETUP}/`), 'utf8'));
  }
} finally {
  await pool.end();
}

async function runScript(script: string): Promise<void> {
  for (const line of script.split('\n').filter((one) => one !== '' && !one.startsWith('--'))) {
    const [, name, variable] = /^\\getenv (\w+) (\w+)$/.exec(line) ?? [];
    if (name && variable) variables.set(name, process.env[variable] ?? '');
    else await pool.query(line.replace(/:'(\w+)'/g, (_, used) => quoted(variables.get(used))));
  }
}

function quoted(value: string | undefined): string {
  if (value === undefined) throw new Error('a variable is not set');
  return `'${value.replaceAll("'", "''")}'`;
}
