/** `npm run import`: exit code 0 when every row was taken, 1 when some were wrong, 2 when it could not go on. */
import { createSecretKey } from 'node:crypto';
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { isZone } from '@switchboard/domain/periods/zone';
import { brokerAccess, createCodec, createProducer } from '@switchboard/kafka';
import { createLogger, describeError, type OnStep, SwitchboardError } from '@switchboard/platform';
import { createIngestTenantReader, type IngestTenant } from '@switchboard/postgres/ingest/tenants';
import { createRecordReader } from '../records/read-record.ts';
import { type ImportStep, importFile } from './import-file.ts';
import { sendImported } from './send-imported.ts';
import { type ImportSettings, importSettings } from './settings.ts';
import { createProgressBar } from './show-progress.ts';
import { appointments } from './tables/appointments.ts';
import { journeys } from './tables/journeys.ts';
import { messages } from './tables/messages.ts';
import { patients } from './tables/patients.ts';

const usage = `npm run import -- [--patients FILE] [--appointments FILE] [--journeys FILE] [--messages FILE]
                  [--tenant SLUG] [--dates iso|dmy] [--zone ZONE] [--origin NAME] [--again]

Imports CSV files, as docs/import.md says. Broken off, the same command goes on where it was; done again, it changes nothing.
With --again it sends the whole file once more: after a restore from a backup that was taken before the import.
`;
const dir = '.switchboard';
/** As many wrong rows of a file as are shown; all are in the file that is named then. */
const mostShown = 20;

const tables = [patients, appointments, journeys, messages];
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

/** Runs the command "import", and sets the exit code. */
export async function runImport(onStep?: OnStep<ImportStep>): Promise<void> {
  try {
    process.exitCode = await importFiles(onStep);
  } catch (error) {
    const own = error instanceof SwitchboardError ? error.message : JSON.stringify(describeError(error));
    process.stderr.write(`import: ${own}\n`);
    process.exitCode = 2;
  }
}

async function importFiles(onStep?: OnStep<ImportStep>): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  const settings = importSettings(join(dir, 'demo.json'));
  const logger = createLogger({ service: 'import', level: settings.LOG_LEVEL });
  const tenant = await findTenant(settings, logger, options.tenant);
  const timeZone = options.zone ?? tenant.timeZone;
  const producer = createProducer({ ...brokerAccess(settings), clientId: 'switchboard-import', logger });
  const prefix = settings.KAFKA_TOPIC_PREFIX;
  const codec = createCodec({
    registryUrl: settings.SCHEMA_REGISTRY_URL,
    prefix,
    cacheDir: settings.SCHEMA_CACHE_DIR,
  });
  await producer.connect();
  let wrong = 0;
  try {
    for (const table of tables) {
      const path = options.files[table.name];
      if (path === undefined || stopping.signal.aborted) continue;
      const bar = createProgressBar({ out: process.stderr, name: table.name, now: Date.now });
      const errorsFile = join(dir, 'imports', `${basename(path)}.errors.txt`);
      let shown = 0;
      const summary = await importFile({
        path,
        table,
        records: createRecordReader(),
        context: { timeZone, dates: options.dates },
        tenantId: tenant.tenantId,
        pseudonymKey: createSecretKey(settings.PSEUDONYM_KEY),
        origin: options.origin,
        now: Date.now,
        stateDir: join(dir, 'imports'),
        again: options.again,
        send: (imported) =>
          sendImported(
            { producer, codec, prefix, signal: stopping.signal, onAway: () => sayAway(bar) },
            imported,
          ),
        onStart(before) {
          if (before === 0) rmSync(errorsFile, { force: true });
        },
        onError(line, { column, message, fix }) {
          const said = `${path}:${line} ${column} ${message}. ${fix}\n`;
          mkdirSync(join(dir, 'imports'), { recursive: true });
          appendFileSync(errorsFile, said, { mode: 0o600 });
          shown += 1;
          bar.clear();
          if (shown <= mostShown) process.stderr.write(said);
          else if (shown === mostShown + 1) process.stderr.write(`More stands in ${errorsFile}.\n`);
        },
        onProgress: bar.show,
        signal: stopping.signal,
        onStep,
      });
      bar.clear();
      wrong += summary.wrong;
      process.stdout.write(`${describe(path, summary)}\n`);
      for (const warning of summary.warnings) process.stdout.write(`${path}: ${warning}\n`);
    }
  } finally {
    await producer.close();
  }
  return stopping.signal.aborted ? 130 : wrong > 0 ? 1 : 0;
}

function readOptions() {
  const text = { type: 'string' } as const;
  const { values } = parsed(() =>
    parseArgs({
      options: {
        patients: text,
        appointments: text,
        journeys: text,
        messages: text,
        tenant: text,
        zone: text,
        origin: { ...text, default: 'import' },
        dates: { ...text, default: 'iso' },
        again: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  const { patients, appointments, journeys, messages, tenant, zone, origin, dates, again } = values;
  const files = { patients, appointments, journeys, messages };
  const named = Object.values(files).some((file) => file !== undefined);
  if (values.help || !named || (dates !== 'iso' && dates !== 'dmy')) {
    process.stderr.write(usage);
    return undefined;
  }
  if (zone !== undefined && !isZone(zone))
    throw new SwitchboardError('config_invalid', '--zone must be an IANA name, e.g. Asia/Kolkata');
  return { files, tenant, zone, origin, again, dates: dates === 'dmy' ? ('dmy' as const) : ('iso' as const) };
}

/** An option that nobody knows is answered with those that there are. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new SwitchboardError('config_invalid', `an option is not known\n\n${usage}`, { cause });
  }
}

async function findTenant(
  settings: ImportSettings,
  logger: ReturnType<typeof createLogger>,
  slug: string | undefined,
): Promise<IngestTenant> {
  const reader = createIngestTenantReader({ databaseUrl: settings.DATABASE_URL, logger });
  try {
    const all = await reader.read();
    const wanted = slug ?? settings.DEFAULT_TENANT_ID ?? (all.length === 1 ? all[0]?.slug : undefined);
    const found = all.find((tenant) => tenant.slug === wanted || tenant.tenantId === wanted);
    if (found) return found;
    const slugs = all.map((tenant) => tenant.slug).join(', ');
    throw new SwitchboardError('unknown_tenant', `give --tenant, one of: ${slugs}`);
  } finally {
    await reader.close();
  }
}

let away = false;
function sayAway(bar: ReturnType<typeof createProgressBar>): void {
  if (away) return;
  away = true;
  bar.clear();
  process.stderr.write(
    'Kafka or the schema registry is away; waiting. Ctrl-C ends, and the same command goes on.\n',
  );
}

function describe(
  path: string,
  { rows, wrong, before, done, unknown }: Awaited<ReturnType<typeof importFile>>,
): string {
  const kept = unknown.length > 0 ? ` Kept as they are: ${unknown.join(', ')}.` : '';
  const known = before > 0 ? ` ${before} of them had been there before.` : '';
  const broken =
    rows === 0 && wrong > 0 ? ' Nothing was taken.' : ' It is not finished: the same command goes on.';
  const end = done ? '' : broken;
  return `${path}: ${rows} rows, ${wrong} wrong.${known}${kept}${end}`;
}

if (import.meta.main) await runImport();
