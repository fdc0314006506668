import { describeSettings } from '@switchboard/platform';
import { allSettings, type Program, programNamed } from '../settings.ts';
import { services } from './services.ts';

/** Which key of the Secret a setting is, where it has another name there. */
export type SecretKeys = Readonly<Record<string, string>>;

export interface SecretKey {
  meaning: string;
  /** Without it a pod does not start. */
  required: boolean;
}

/** Passwords of Postgres' roles: an administrator gives them, as infra/postgres says. */
const ofRoles = /^POSTGRES_\w+_PASSWORD$/;
/** Have a default, for the embedded engine alone. */
const alwaysNeeded = /^CLICKHOUSE_\w*PASSWORD$/;

export const prepareKeys = { DATABASE_URL: 'MIGRATE_DATABASE_URL' };
export const backupKeys = { DATABASE_URL: 'BACKUP_DATABASE_URL' };

/** All that the Secret `switchboard` holds, by key. */
export const secretKeys: ReadonlyMap<string, SecretKey> = collectKeys();

function collectKeys(): ReadonlyMap<string, SecretKey> {
  const keys = new Map<string, SecretKey>();
  const settings = allSettings();
  const of: [string, SecretKeys][] = [
    ...Object.entries(services).map(([name, { keys }]): [string, SecretKeys] => [name, keys]),
    ['prepare-stores', prepareKeys],
    ['backup', backupKeys],
  ];
  for (const [name, renamed] of of) {
    for (const { name: setting, meaning, required } of secretsOf(programNamed(name))) {
      const key = renamed[setting] ?? setting;
      const needed = required || alwaysNeeded.test(key) || (keys.get(key)?.required ?? false);
      keys.set(key, { meaning: settings.get(key)?.meaning ?? meaning, required: needed });
    }
  }
  return keys;
}

/** The secrets that programs are told, each from its key. */
export function secretEnv(programs: readonly Program[], renamed: SecretKeys) {
  const settings = new Set(programs.flatMap((program) => secretsOf(program).map(({ name }) => name)));
  return [...settings].map((name) => fromSecret(name, renamed[name]));
}

/** A setting from a key of the Secret; the pod waits for one that is needed. */
export function fromSecret(name: string, key = name) {
  const optional = secretKeys.get(key)?.required ? {} : { optional: true };
  return { name, valueFrom: { secretKeyRef: { name: 'switchboard', key, ...optional } } };
}

/** The text of `infra/k8s/secrets.env.example`. */
export function secretsExample(): string {
  const lines = (required: boolean) =>
    [...secretKeys]
      .filter(([, key]) => key.required === required)
      .map(([name, { meaning }]) => `# ${meaning}\n${name}=\n`);
  return [
    '# What the Secret of infra/k8s holds. Made by `npm run generate:docs`. Fill in a copy that is in no repository:\n#   kubectl create secret generic switchboard --from-env-file=secrets.env\n',
    '# Needed. Keys: openssl rand -base64 32; SECRETS_KEY and PSEUDONYM_KEY are to be kept apart, too: without them what is sealed is lost.\n',
    ...lines(true),
    '# Remove what is not used: an empty one counts as unset.\n',
    ...lines(false),
  ].join('\n');
}

function secretsOf({ shape }: Program) {
  return describeSettings(shape).filter(({ name, secret }) => secret && !ofRoles.test(name));
}
