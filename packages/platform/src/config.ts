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

/** Base64 of exactly 32 bytes: a key for AES-256 or HMAC. */
export const key32 = () =>
  secret(
    z
      .string()
      .transform((text) => Buffer.from(text, 'base64'))
      .refine((bytes) => bytes.length === 32, 'must be base64 of exactly 32 bytes (openssl rand -base64 32)'),
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
    .refine((parts) => parts.length > 0, 'must name at least one, separated by commas');

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
  SCHEMA_REGISTRY_URL: z.url(),
  SCHEMA_CACHE_DIR: z.string().default('.switchboard/cache/schemas'),
} satisfies ConfigShape;

/** Settings of a service that speaks to ClickHouse. */
export const clickhouseShape = {
  CLICKHOUSE_URL: z.url(),
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
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new SwitchboardError('config_invalid', `settings are wrong:\n  ${lines.join('\n  ')}`);
  }
  return Object.freeze(parsed.data);
}

/** The settings as JSON-ready values, secrets and passwords inside URLs masked. */
export function printableConfig<S extends ConfigShape>(shape: S, config: Config<S>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const schema: unknown = shape[name];
      if (typeof schema === 'object' && schema !== null && secrets.has(schema))
        return [name, value ? '***' : ''];
      return [name, typeof value === 'string' ? value.replace(/\/\/([^:/@]+):[^@/]+@/, '//$1:***@') : value];
    }),
  );
}
