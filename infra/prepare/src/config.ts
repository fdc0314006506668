import {
  brokerShape,
  type Config,
  type ConfigShape,
  clickhouseTablesShape,
  databaseUrl,
  SwitchboardError,
  secret,
  wholeNumber,
} from '@switchboard/platform';
import type { LoginRole } from '@switchboard/postgres';
import { z } from 'zod';

const passwordOf = (whom: string) =>
  secret(z.string().min(8, 'must have 8 characters or more').optional()).describe(whom);
const ofRole = (role: LoginRole) =>
  passwordOf(
    `Of the role \`${role}\`. prepare-stores sets it when it runs as a superuser: all five of these or none.`,
  );
const ofUser = (user: string) =>
  passwordOf(
    `Of ClickHouse’s user \`${user}\`. prepare-stores sets it; needed with \`CLICKHOUSE_ADMIN_USER\`.`,
  );

/** Settings of the job that makes the stores ready. */
export const prepareShape = {
  ...brokerShape,
  KAFKA_PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('Of topics made now; unset: each topic’s own number.'),
  KAFKA_REPLICATION_FACTOR: z.coerce
    .number()
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe(
      'Copies of topics made now; unset: as many as other topics have, three where there are so many brokers, else one.',
    ),
  DATABASE_URL: databaseUrl(
    'postgres',
    'A superuser makes the roles too; as `switchboard_migrate`, once they are there, tables only.',
  ),
  POSTGRES_MIGRATE_PASSWORD: ofRole('switchboard_migrate'),
  POSTGRES_INGEST_PASSWORD: ofRole('switchboard_ingest'),
  POSTGRES_ENRICH_PASSWORD: ofRole('switchboard_enrich'),
  POSTGRES_SINK_PASSWORD: ofRole('switchboard_sink'),
  POSTGRES_API_PASSWORD: ofRole('switchboard_api'),
  ...clickhouseTablesShape,
  CLICKHOUSE_ADMIN_USER: z
    .string()
    .optional()
    .describe('Who may make users: applies `infra/clickhouse/access.sql`. Unset: users are there already.'),
  CLICKHOUSE_ADMIN_PASSWORD: secret(z.string().default('')).describe('Password of `CLICKHOUSE_ADMIN_USER`.'),
  CLICKHOUSE_API_PASSWORD: ofUser('switchboard_api'),
  CLICKHOUSE_ANALYST_PASSWORD: ofUser('analyst'),
  PREPARE_TIMEOUT_MS: wholeNumber(120_000, 0, 3_600_000).describe(
    'How long an engine that does not answer yet is waited for, ms.',
  ),
} satisfies ConfigShape;

export type PrepareConfig = Config<typeof prepareShape>;

/**
 * The passwords that a superuser gives to the roles; undefined: they have theirs.
 * @throws SwitchboardError `config_invalid` when some are given and others not
 */
export function rolePasswords(config: PrepareConfig): Record<LoginRole, string> | undefined {
  const given = {
    switchboard_migrate: config.POSTGRES_MIGRATE_PASSWORD,
    switchboard_ingest: config.POSTGRES_INGEST_PASSWORD,
    switchboard_enrich: config.POSTGRES_ENRICH_PASSWORD,
    switchboard_sink: config.POSTGRES_SINK_PASSWORD,
    switchboard_api: config.POSTGRES_API_PASSWORD,
  };
  if (Object.values(given).every((password) => password === undefined)) return undefined;
  const needed = (role: LoginRole) => {
    const password = given[role];
    if (password !== undefined) return password;
    const setting = `POSTGRES_${role.replace('switchboard_', '').toUpperCase()}_PASSWORD`;
    throw invalid(`${setting}: must be set when another role's password is`);
  };
  return {
    switchboard_migrate: needed('switchboard_migrate'),
    switchboard_ingest: needed('switchboard_ingest'),
    switchboard_enrich: needed('switchboard_enrich'),
    switchboard_sink: needed('switchboard_sink'),
    switchboard_api: needed('switchboard_api'),
  };
}

/** Who makes ClickHouse's users, and the passwords they get. */
export interface ClickHouseAccess {
  admin: { user: string; password: string };
  passwords: Readonly<Record<string, string>>;
}

/**
 * What `access.sql` needs; undefined: users are there already.
 * @throws SwitchboardError `config_invalid`
 */
export function clickhouseAccess(config: PrepareConfig): ClickHouseAccess | undefined {
  const { CLICKHOUSE_ADMIN_USER: user } = config;
  if (user === undefined) return undefined;
  if (config.CLICKHOUSE_DATABASE !== 'switchboard' || config.CLICKHOUSE_USER !== 'switchboard') {
    throw invalid(
      'CLICKHOUSE_ADMIN_USER: access.sql is for user and database `switchboard`; make others by hand and leave this unset',
    );
  }
  const needed = (
    name: 'CLICKHOUSE_PASSWORD' | 'CLICKHOUSE_API_PASSWORD' | 'CLICKHOUSE_ANALYST_PASSWORD',
  ) => {
    const password = config[name];
    if (password) return password;
    throw invalid(`${name}: must be set with CLICKHOUSE_ADMIN_USER`);
  };
  return {
    admin: { user, password: config.CLICKHOUSE_ADMIN_PASSWORD },
    passwords: {
      switchboard: needed('CLICKHOUSE_PASSWORD'),
      switchboard_api: needed('CLICKHOUSE_API_PASSWORD'),
      analyst: needed('CLICKHOUSE_ANALYST_PASSWORD'),
    },
  };
}

function invalid(message: string): SwitchboardError {
  return new SwitchboardError('config_invalid', message);
}
