/** Somebody who may log in. A read-only user sees the databases of its grants and changes nothing. */
export interface User {
  readonly name: string;
  readonly password: string;
  readonly readonly: boolean;
  /** Of a read-only user: what it may do, as in `GRANT …`; default: SELECT and SHOW on the database. */
  readonly grants: readonly string[];
}

const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Reads `{"name":{"password":"…","readonly":true,"grants":["SELECT ON switchboard.*"]}}`.
 *
 * @throws Error naming the user whose entry is wrong, never its password.
 */
export function parseUsers(json: string, database: string): readonly User[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new Error('users: not JSON');
  }
  if (!isRecord(parsed) || Object.keys(parsed).length === 0)
    throw new Error('users: expected an object of users');
  return Object.entries(parsed).map(([name, entry]) => parseUser(name, entry, database));
}

function parseUser(name: string, entry: unknown, database: string): User {
  if (!NAME.test(name) || name === 'default')
    throw new Error(`users: ${JSON.stringify(name)} is not a usable name`);
  if (!isRecord(entry)) throw new Error(`users.${name}: expected an object`);
  const { password, readonly = false, grants = [`SELECT, SHOW ON ${database}.*`] } = entry;
  if (typeof password !== 'string') throw new Error(`users.${name}.password: expected a string`);
  if (typeof readonly !== 'boolean') throw new Error(`users.${name}.readonly: expected true or false`);
  if (!Array.isArray(grants) || !grants.every((grant) => typeof grant === 'string')) {
    throw new Error(`users.${name}.grants: expected a list of strings`);
  }
  return { name, password, readonly, grants };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
