import { apiShape } from '@switchboard/api/src/config.ts';
import { enrichShape } from '@switchboard/enrich/src/config.ts';
import { ingestShape } from '@switchboard/ingest/src/config.ts';
import { importShape } from '@switchboard/ingest/src/import/settings.ts';
import { auditShape } from '@switchboard/jobs/src/audit/config.ts';
import { jobsShape } from '@switchboard/jobs/src/config.ts';
import { deadLettersShape } from '@switchboard/jobs/src/dead-letters/command-config.ts';
import { eraseShape } from '@switchboard/jobs/src/erasure/config.ts';
import {
  baseShape,
  type ConfigShape,
  describeSettings,
  key32,
  type SettingDescription,
  secret,
} from '@switchboard/platform';
import { backupShape } from '@switchboard/prepare/backup/config';
import { prepareShape } from '@switchboard/prepare/config';
import { offsetsShape } from '@switchboard/prepare/offsets/config';
import { tenantShape } from '@switchboard/prepare/tenants/config';
import { blockWorkShape, clickhouseSinkShape } from '@switchboard/sink/src/clickhouse/config.ts';
import { postgresSinkShape } from '@switchboard/sink/src/postgres/config.ts';
import { whereShape } from '@switchboard/sink/src/where/config.ts';
import { startShape } from '@switchboard/start/settings';
import { z } from 'zod';

/** A program that is told by its environment what to do. */
export interface Program {
  name: string;
  /** From the project's root. */
  main: string;
  /** What it does, in one sentence. */
  purpose: string;
  shape: ConfigShape;
}

/** Every program of an installation, as the image has them: the one list that the reference, the examples and their tests read. */
export const programs: readonly Program[] = [
  {
    name: 'ingest',
    main: 'services/ingest/src/main.ts',
    purpose: 'Takes webhooks and keeps them in Kafka.',
    shape: { ...baseShape, ...ingestShape },
  },
  {
    name: 'enrich',
    main: 'services/enrich/src/main.ts',
    purpose: 'Reads what was said out of calls.',
    shape: { ...baseShape, ...enrichShape },
  },
  {
    name: 'sink-postgres',
    main: 'services/sink/src/postgres/main.ts',
    purpose: 'Writes records and facts to Postgres.',
    shape: { ...baseShape, ...postgresSinkShape },
  },
  {
    name: 'sink-clickhouse',
    main: 'services/sink/src/clickhouse/main.ts',
    purpose: 'Moves facts from Postgres to ClickHouse.',
    shape: { ...baseShape, ...clickhouseSinkShape },
  },
  {
    name: 'api',
    main: 'services/api/src/main.ts',
    purpose: 'Answers for records and numbers.',
    shape: { ...baseShape, ...apiShape },
  },
  {
    name: 'jobs',
    main: 'services/jobs/src/main.ts',
    purpose:
      'Does what follows a commit: sends webhooks to clinics’ systems, seals the audit log, removes what is over.',
    shape: { ...baseShape, ...jobsShape },
  },
  {
    name: 'prepare-stores',
    main: 'infra/prepare/src/main.ts',
    purpose: 'Makes the stores ready for the services, then ends: `npm run prepare-stores`.',
    shape: prepareShape,
  },
  {
    name: 'tenant',
    main: 'infra/prepare/src/tenants/main.ts',
    purpose:
      'Makes a clinic with its first owner and keys, or tells of those there are, then ends: `npm run tenant`.',
    shape: tenantShape,
  },
  {
    name: 'backup',
    main: 'infra/prepare/src/backup/backup.ts',
    purpose:
      'Copies all of one moment into a directory, then ends: `npm run backup`. Without `DATABASE_URL` it takes the stack that runs in the folder.',
    shape: backupShape,
  },
  {
    name: 'restore',
    main: 'infra/prepare/src/backup/restore.ts',
    purpose: 'Brings a backup into an empty installation, then ends: `npm run restore`.',
    shape: backupShape,
  },
  {
    name: 'offsets',
    main: 'infra/prepare/src/offsets/main.ts',
    purpose:
      'Tells which consumer groups stand where their log has nothing, and sets them to its beginning, then ends: `npm run offsets`.',
    shape: offsetsShape,
  },
  {
    name: 'import',
    main: 'services/ingest/src/import/main.ts',
    purpose: 'Takes in files of what was before, then ends: `npm run import`.',
    shape: importShape,
  },
  {
    name: 'verify',
    main: 'services/sink/src/clickhouse/verify/main.ts',
    purpose: 'Compares ClickHouse with the facts and the records, then ends: `npm run verify`.',
    shape: { LOG_LEVEL: baseShape.LOG_LEVEL.default('fatal'), ...blockWorkShape },
  },
  {
    name: 'rebuild',
    main: 'services/sink/src/clickhouse/rebuild/main.ts',
    purpose: 'Makes ClickHouse’s tables anew from Postgres, then ends: `npm run rebuild`.',
    shape: { LOG_LEVEL: baseShape.LOG_LEVEL.default('fatal'), ...blockWorkShape },
  },
  {
    name: 'audit',
    main: 'services/jobs/src/audit/main.ts',
    purpose: 'Checks the seals of the audit log, or lists it, then ends: `npm run audit`.',
    shape: auditShape,
  },
  {
    name: 'erase',
    main: 'services/jobs/src/erasure/main.ts',
    purpose: 'Removes for good all that tells who a patient is, then ends: `npm run erase`.',
    shape: eraseShape,
  },
  {
    name: 'where',
    main: 'services/sink/src/where/main.ts',
    purpose: 'Says where an event is, or what became of it, then ends: `npm run where`.',
    shape: whereShape,
  },
  {
    name: 'dead-letters',
    main: 'services/jobs/src/dead-letters/main.ts',
    purpose:
      'Lists, shows, puts back, gives up and seals anew what could not go on, then ends: `npm run dead-letters`.',
    shape: deadLettersShape,
  },
];

/** @throws Error when no program has this name */
export function programNamed(name: string): Program {
  const found = programs.find((program) => program.name === name);
  if (!found) throw new Error(`${name}: no program has this name`);
  return found;
}

/** What runs all of it on a developer's machine, and is in no image. */
export const launcher: Program = {
  name: 'npm start',
  main: 'infra/start/src/main.ts',
  purpose:
    'Starts engines and services on this machine. Settings of services are handed on to them, but for addresses, ports and who logs in.',
  shape: startShape,
};

/** What docker-compose.yml asks for beside the settings of our programs. */
const composeShape = {
  POSTGRES_PASSWORD: secret(z.string().min(8)).describe(
    'Of Postgres’ superuser `postgres`; no service logs in as it.',
  ),
  POSTGRES_REGISTRY_PASSWORD: secret(z.string().min(8)).describe(
    'Of the role `registry`, as which the schema registry keeps its schemas.',
  ),
} satisfies ConfigShape;

/** Every setting there is, by name; what several programs have stands here once. */
export function allSettings(): ReadonlyMap<string, SettingDescription> {
  const shapes = [composeShape, ...programs.map(({ shape }) => shape)];
  return new Map(
    shapes.flatMap((shape) => describeSettings(shape).map((setting) => [setting.name, setting])),
  );
}

/** Settings that hold a key of 32 bytes, as base64. */
export function isKey(name: string): boolean {
  return allSettings().get(name)?.form === describeSettings({ KEY: key32() })[0]?.form;
}
