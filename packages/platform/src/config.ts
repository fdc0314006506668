import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SwitchboardError } from './errors.ts';

export type ConfigShape = z.ZodRawShape;
export type Config<S extends ConfigShape> = Readonly<z.infer<z.ZodObject<S>>>;

// A registry, because what `describe` and its like return is another schema, which inherits what is registered here.
const marks = z.registry<{ secret?: true; form?: string }>();

/** Marks a setting that must never be printed. */
export function secret<T extends z.ZodType>(schema: T): T {
  marks.add(schema, { ...marks.get(schema), secret: true });
  return schema;
}

/** Says how a right value looks, where the type alone doesn't. */
export function inForm<T extends z.ZodType>(form: string, schema: T): T {
  marks.add(schema, { ...marks.get(schema), form });
  return schema;
}

const keyForm = 'base64 of exactly 32 bytes (openssl rand -base64 32)';

/** Base64 of exactly 32 bytes: a key for AES-256 or HMAC. */
export const key32 = () =>
  inForm(
    keyForm,
    secret(
      z
        .string()
        .transform((text) => Buffer.from(text, 'base64'))
        .refine((bytes) => bytes.length === 32, `must be ${keyForm}`),
    ),
  );

/** "a:1,b:2" → ["a:1", "b:2"]. */
export const list = () =>
  inForm(
    'one or more, separated by commas',
    z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean),
      )
      .refine((parts) => parts.length > 0, 'must name at least one, separated by commas'),
  );

/** Keys as {@link key32}, of which there may be none. */
export const keys32 = () =>
  inForm(
    `${keyForm} each, separated by commas`,
    secret(
      z
        .string()
        .default('')
        .transform((text) =>
          text
            .split(',')
            .map((part) => part.trim())
            .filter(Boolean)
            .map((part) => Buffer.from(part, 'base64')),
        )
        .refine((keys) => keys.every(({ length }) => length === 32), `must be ${keyForm} each`),
    ),
  );

/** Yes or no. */
export const flag = (fallback: boolean) => inForm('`true` or `false`', z.stringbool().default(fallback));

/** A whole number between `min` and `max`, both included. */
export const wholeNumber = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

export const port = (fallback: number) => wholeNumber(fallback, 0, 65_535).describe('Port to listen on.');

const certificateForm = 'the path of a file with certificates in PEM';

/** The path of a file with certificates of authorities; one that can't be read stops the start. */
export const certificateFile = () =>
  inForm(
    certificateForm,
    z.string().refine(holdsCertificates, `must be ${certificateForm}, readable for this process`),
  );

function holdsCertificates(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').includes('-----BEGIN CERTIFICATE-----');
  } catch {
    return false;
  }
}

/** The driver reads the file that a URL names for each connection, long after the start. */
function authoritiesReadable(url: string): boolean {
  const file = URL.parse(url)?.searchParams.get('sslrootcert');
  return file === null || file === undefined || holdsCertificates(file);
}

/** A database's address and who logs in there. */
export const databaseUrl = (role: string, more = '') =>
  inForm(
    'postgres://user:password@host:port/database',
    secret(z.url().refine(authoritiesReadable, `sslrootcert must be ${certificateForm}`)).describe(
      `Postgres, as \`${role}\`. Over TLS with \`?sslmode=verify-full&sslrootcert=FILE\`.${more && ` ${more}`}`,
    ),
  );

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
      const form = typeof name === 'string' ? formOf(shape[name]) : undefined;
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

/** Whether a setting was marked by {@link secret}. */
export function isSecret(schema: unknown): boolean {
  return layersOf(schema).some((layer) => marks.get(layer)?.secret);
}

/** How a right value looks, where {@link inForm} told. */
export function formOf(schema: unknown): string | undefined {
  return layersOf(schema)
    .map((layer) => marks.get(layer)?.form)
    .find((form) => form !== undefined);
}

/** A schema and what a default, "optional" or a transformation was put around, outermost first. */
export function layersOf(schema: unknown): z.core.$ZodType[] {
  if (!(schema instanceof z.core.$ZodType)) return [];
  const { def } = schema._zod;
  return [schema, ...layersOf(Reflect.get(def, 'innerType')), ...layersOf(Reflect.get(def, 'in'))];
}

function maskPasswords(text: string): string {
  return text
    .replace(/\/\/([^:/@\s]*):\S+@/, '//$1:***@')
    .replace(/([?&](?:password|sslpassword|token)=)[^&\s]*/gi, '$1***');
}
