import type { UserRole } from '@switchboard/postgres/api/authentication';

/** What a caller may do; each is asked for where it is used. */
export type Right =
  /** Numbers, and the live stream. */
  | 'analytics'
  /** Calls with what was said. */
  | 'records'
  /** Names, numbers, dates of birth and unredacted texts. */
  | 'phi'
  /** Where the clinic's system is told of what happens. */
  | 'webhooks';

/** Who is asking, proven. */
export type Caller =
  | { kind: 'user'; id: string; tenantId: string; email: string; displayName: string; role: UserRole }
  | { kind: 'api_key'; id: string; tenantId: string; name: string; scopes: readonly string[] };

const roleRights: Record<UserRole, readonly Right[]> = {
  owner: ['analytics', 'records', 'phi', 'webhooks'],
  manager: ['analytics', 'records', 'phi', 'webhooks'],
  agent: ['analytics', 'records', 'phi'],
  analyst: ['analytics', 'records'],
};

const scopeRights: Readonly<Record<string, readonly Right[]>> = {
  'analytics:read': ['analytics'],
  'records:read': ['records', 'phi'],
  'calls:read': ['records', 'phi'],
  admin: ['analytics', 'records', 'phi', 'webhooks'],
};

/** Whether the caller may do this. Scopes that are not known here give nothing. */
export function may(caller: Caller, right: Right): boolean {
  if (caller.kind === 'user') return roleRights[caller.role].includes(right);
  return caller.scopes.some((scope) => scopeRights[scope]?.includes(right));
}
