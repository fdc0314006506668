/**
 * `npm run psql -- [OPTIONS]`: the running Postgres as its superuser, whom row-level security does not bind. It is psql
 * where the PATH has one; elsewhere a line client that knows statements and `-c` alone.
 */
import { spawn } from 'node:child_process';
import { ownEnv } from '@switchboard/embedded';
import { lineClient } from './line-client.ts';
import { psqlEnv } from './psql-env.ts';
import { runningHere } from './running-here.ts';

const { urls } = await runningHere();
const args = process.argv.slice(2);
if (urls.postgres === undefined) {
  console.error('Postgres is not among what runs here: npm start -- --only postgres,…');
  process.exitCode = 1;
} else {
  process.exitCode = (await psql(urls.postgres, args)) ?? (await lineClient(urls.postgres, args));
}

/** Runs psql; `undefined` when there is none. */
function psql(url: string, options: string[]): Promise<number | undefined> {
  // Not as arguments, which all users of the machine can see.
  const child = spawn('psql', options, { stdio: 'inherit', env: { ...ownEnv(), ...psqlEnv(url) } });
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      'code' in error && error.code === 'ENOENT' ? resolve(undefined) : reject(error),
    );
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
