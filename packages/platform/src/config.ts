import { z } from 'zod';
import { SwitchboardError } from './errors.ts';

export type ConfigShape = z.ZodRawShape;
export type Config<S extends ConfigShape> = Readonly<z.infer<z.ZodObject<S>>>;

const secrets = new WeakSet<object>();

/** Marks a setting that must never be printed. */
export function secret<T extends z.ZodType>(schema: T): T {
  secrets.add(schema);
  return schema;
}

const keyForm = 'base64 of exactly 32 bytes (openssl rand -base64 32)';

/** Base64 of exactly 32 bytes: a key for AES-256 or HMAC. */
export const key32 = () =>
  secret(
    z
      .string()
      .transform((text) => Buffer.from(text, 'base64'))
      .refine((bytes) => bytes.length === 32, `must be ${keyForm}`)
      .describe(keyForm),
  );

/** "a:1,b:2" → ["a:1", "b:2"]. */
export const list = () =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((parts) => parts.length > 0, 'must name at least one, separated by commas')
    .describe('one or more, separated by commas');

export const port = (fallback: number) => z.coerce.number().int().min(0).max(65535).default(fallback);

/** Settings that every service has. */
export const baseShape = {
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  HOST: z.string().default('127.0.0.1'),
  /** `pipe`: end when standard input ends, so that nothing outlives a killed parent. */
  SWITCHBOARD_PARENT: z.enum(['pipe', 'none']).default('none'),
} satisfies ConfigShape;

/** Settings of a service that speaks to Kafka. */
export const kafkaShape = {
  KAFKA_BROKERS: list(),
  KAFKA_TOPIC_PREFIX: z.string().default('switchboard.'),
  KAFKA_GROUP_PREFIX: z.string().default('switchboard.'),
  SCHEMA_REGISTRY_URL: z
    .url()
    .describe('its Confluent-compatible base, e.g. http://127.0.0.1:8081/apis/ccompat/v7'),
  SCHEMA_CACHE_DIR: z.string().default('.switchboard/cache/schemas'),
} satisfies ConfigShape;

/** Settings of a service that speaks to ClickHouse. */
export const clickhouseShape = {
  CLICKHOUSE_URL: z.url().describe('its HTTP interface, e.g. http://127.0.0.1:8123'),
  CLICKHOUSE_USER: z.string().default('switchboard'),
  CLICKHOUSE_PASSWORD: secret(z.string().default('')),
  CLICKHOUSE_DATABASE: z.string().default('switchboard'),
} satisfies ConfigShape;

/**
 * Parses the environment once and freezes the result. Empty variables count as unset.
 * @throws SwitchboardError `config_invalid`, naming each wrong setting and what would be right; values are not repeated.
 */
export function loadConfig<S extends ConfigShape>(shape: S, env: NodeJS.ProcessEnv = process.env): Config<S> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = z.object(shape).safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path: [name], message }) => {
      const said = typeof name === 'string' && name in given;
      const form = typeof name === 'string' ? descriptionOf(shape[name]) : undefined;
      return `${String(name)}: ${said ? message : ['must be set', form].filter(Boolean).join(' to ')}`;
    });
    throw new SwitchboardError('config_invalid', `settings are wrong:\n  ${lines.join('\n  ')}`);
  }
  for (const value of Object.values(parsed.data)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(parsed.data);
}

/** The settings as JSON-ready values, secrets and passwords inside URLs masked. */
export function printableConfig<S extends ConfigShape>(shape: S, config: Config<S>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      if (isSecret(shape[name])) return [name, value ? '***' : ''];
      return [name, typeof value === 'string' ? maskPasswords(value) : value];
    }),
  );
}

/** A default, or "optional", put around a secret leaves it one. */
function isSecret(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  if (secrets.has(schema)) return true;
  const definition: unknown = Reflect.get(schema, 'def');
  if (typeof definition !== 'object' || definition === null) return false;
  return isSecret(Reflect.get(definition, 'innerType')) || isSecret(Reflect.get(definition, 'in'));
}

function maskPasswords(text: string): string {
  return text
    .replace(/\/\/([^:/@\s]*):\S+@/, '//$1:***@')
    .replace(/([?&](?:password|sslpassword|token)=)[^&\s]*/gi, '$1***');
}

function descriptionOf(schema: unknown): string | undefined {
  return schema instanceof z.ZodType ? schema.description : undefined;
}
