import { programs } from '../settings.ts';

const roles = {
  ingest: 'ingest',
  enrich: 'enrich',
  'sink-postgres': 'sink',
  'sink-clickhouse': 'sink',
  api: 'api',
  jobs: 'sink',
} as const;

/** The six services, each with its entry point and the role it has in Postgres. */
export const imageServices = Object.entries(roles).map(([name, role]) => {
  const main = programs.find((program) => program.name === name)?.main;
  if (main === undefined) throw new Error(`${name}: no such program`);
  return { name, main, role };
});
