import { expect, test } from 'vitest';
import { psqlEnv } from './psql-env.ts';

test('psql reaches a Postgres behind TLS as the services do', () => {
  expect(psqlEnv('postgres://me:p%40ss@db/clinic?sslmode=verify-full&sslrootcert=/etc/ca.pem')).toEqual({
    PGHOST: 'db',
    PGPORT: '5432',
    PGUSER: 'me',
    PGPASSWORD: 'p@ss',
    PGDATABASE: 'clinic',
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: '/etc/ca.pem',
  });
});
