import { COMPATIBILITY, SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { SwitchboardError } from '@switchboard/platform';
import { withDeadline } from './with-deadline.ts';

export interface RegistryClient {
  /** The id of a schema under a subject. @throws SwitchboardError `schema_not_registered` (retryable), `registry_unavailable` (retryable) */
  idOf(subject: string, schema: string): Promise<number>;
  /** The schema an id stands for, as JSON. @throws SwitchboardError `unknown_schema`, `registry_unavailable` (retryable) */
  schemaOf(id: number): Promise<string>;
  /**
   * Registers a schema as the subject's newest, BACKWARD_TRANSITIVE; one that is there already keeps its id.
   * @throws SwitchboardError `schema_incompatible`, `registry_unavailable` (retryable)
   */
  register(subject: string, schema: string): Promise<number>;
}

const compatibility = COMPATIBILITY.BACKWARD_TRANSITIVE;
const registerTimeoutMs = 15_000;

/** A Confluent-compatible registry at `url`, each answer awaited at most `timeoutMs`. */
export function createRegistryClient(url: string, timeoutMs = 1_000): RegistryClient {
  // One retry only: the callers have their own, and a cache to fall back on.
  const retry = { retries: 1, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 0.2 };
  // The library lets all who ask for an id wait for the first one's answer: without an end of its own, a request on a
  // connection that says nothing any more would hold them for ever.
  const connect = (timeout: number) =>
    new SchemaRegistry({
      ...splitCredentials(url),
      retry,
      clientId: 'switchboard',
      middlewares: [() => ({ prepareRequest: async (next) => (await next()).enhance({ timeout }) })],
    });
  const registry = connect(timeoutMs);
  const registering = connect(registerTimeoutMs);

  return {
    async idOf(subject, schema) {
      try {
        const asked = registry.getRegistryIdBySchema(subject, JSON.parse(schema));
        return await withDeadline(timeoutMs, 'the schema registry', asked);
      } catch (cause) {
        if (!isMissing(cause)) throw registryUnavailable(cause);
        const message = `this schema is not registered under ${subject}`;
        throw new SwitchboardError('schema_not_registered', message, { retryable: true });
      }
    },
    async schemaOf(id) {
      try {
        const type = await withDeadline(timeoutMs, 'the schema registry', registry.getSchema(id));
        return JSON.stringify(type);
      } catch (cause) {
        if (!isMissing(cause)) throw registryUnavailable(cause);
        throw new SwitchboardError('unknown_schema', `the registry knows no schema with id ${id}`);
      }
    },
    async register(subject, schema) {
      try {
        const asked = registering.register(JSON.parse(schema), { subject, compatibility });
        return (await withDeadline(registerTimeoutMs, 'the schema registry', asked)).id;
      } catch (cause) {
        if (!isConflict(cause)) throw registryUnavailable(cause);
        const message = `${subject}: readers of this schema could not read what is in the topic`;
        throw new SwitchboardError('schema_incompatible', message, { cause });
      }
    },
  };
}

/** A registry's URL without its login, which stands in it percent-encoded, and the login as it is. */
export function splitCredentials(url: string): {
  host: string;
  auth?: { username: string; password: string };
} {
  const { origin, pathname, username, password } = new URL(url);
  const host = `${origin}${pathname.replace(/\/+$/, '')}`;
  if (!username) return { host };
  return { host, auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } };
}

/** What keeps the registry from answering; a login that it refuses (`status` 401, 403) is told by its setting. */
export function registryUnavailable(cause: unknown): SwitchboardError {
  const refused = cause instanceof Error && [401, 403].includes(statusOf(cause));
  const message = refused
    ? 'the schema registry refuses the login: check user and password in SCHEMA_REGISTRY_URL'
    : 'the schema registry did not answer';
  return new SwitchboardError('registry_unavailable', message, { retryable: true, cause });
}

/** The library hides the status of a schema that is not registered behind an error of its own. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && (statusOf(error) === 404 || error.name === 'ConfluentSchemaRegistryError');
}

function isConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return [409, 422].includes(statusOf(error)) || error.name === 'ConfluentSchemaRegistryCompatibilityError';
}

function statusOf(error: Error): number {
  const status: unknown = Reflect.get(error, 'status');
  return typeof status === 'number' ? status : 0;
}
