import { expect, inject, it } from 'vitest';
import { askPostgres } from './ask-postgres.ts';
import { createPool } from './pool.ts';

const nowhere = 'postgres://asha@127.0.0.1:1/calls';
const noDatabase = new URL('/no_such_database', inject('engines').postgresAdmin).href;

it.each([
  ['not there', nowhere, 'Postgres cannot be reached'],
  ['not to be entered', noDatabase, 'Postgres has no such database: check the end of DATABASE_URL'],
])('a Postgres that is %s is told of in our words', async (_, url, message) => {
  const pool = createPool({ url, applicationName: 'ask' });
  await expect(askPostgres(pool)).rejects.toMatchObject({ message, retryable: true });
  await pool.end();
});

it('one that answers is not; what else goes wrong is, without the text of its error', async () => {
  const pool = createPool({ url: inject('engines').postgresAdmin, applicationName: 'ask' });
  await askPostgres(pool);
  await pool.end();
  await expect(askPostgres(pool)).rejects.toMatchObject({ message: 'Postgres cannot be reached' });
});
