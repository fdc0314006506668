import type { UserRole } from '@switchboard/postgres/api/authentication';

/** What a caller may do; each is asked for where it is used. */
export type Right =
  /** Numbers, and the live stream. */
  | 'analytics'
  /** Calls with what was said. */
  | 'calls'
  /** Patients, conversations and messages. */
  | 'records'
  /** Appointments. */
  | 'appointments'
  /** To book, move and cancel them. */
  | 'booking'
  /** To look up callers, and book for them, while they speak. A key's alone. */
  | 'voice_tools'
  /** Names, numbers, dates of birth and unredacted texts. */
  | 'phi'
  /** To say who is who: decide matches, merge patients. A user's alone: it is remembered who did. */
  | 'people'
  /** To answer conversations, assign them, note something of them. A user's alone, too. */
  | 'inbox'
  /** The clinic's settings and webhook secrets. A user's alone, as the next two. */
  | 'settings'
  /** What was done by whom. */
  | 'audit'
  /** How far events are on their way. A user's alone, too. */
  | 'pipeline'
  /** Accounts and API keys. */
  | 'access'
  /** Where the clinic's system is told of what happens. */
  | 'webhooks'
  /** Events that could not go on: to look at them, put them back, give them up. */
  | 'dead_letters';

/** Who is asking, proven. */
export type Caller =
  | { kind: 'user'; id: string; tenantId: string; email: string; displayName: string; role: UserRole }
  | { kind: 'api_key'; id: string; tenantId: string; name: string; scopes: readonly string[] };

const staff = ['analytics', 'calls', 'records', 'appointments', 'booking', 'phi', 'people', 'inbox'] as const;

const roleRights: Record<UserRole, readonly Right[]> = {
  owner: [...staff, 'settings', 'audit', 'pipeline', 'access', 'webhooks', 'dead_letters'],
  manager: [...staff, 'settings', 'audit', 'pipeline', 'webhooks', 'dead_letters'],
  agent: staff,
  analyst: ['analytics', 'calls', 'records', 'appointments'],
};

const scopeRights = {
  'analytics:read': ['analytics'],
  'records:read': ['calls', 'records', 'appointments', 'phi'],
  'calls:read': ['calls', 'phi'],
  // The clinic's own system learns what was booked here.
  'appointments:read': ['appointments', 'phi'],
  // Used elsewhere: ingest takes events.
  'events:write': [],
  'voice:tools': ['voice_tools'],
  admin: ['analytics', 'calls', 'records', 'appointments', 'booking', 'phi', 'webhooks', 'dead_letters'],
} satisfies Record<string, readonly Right[]>;

/** Scopes that a key may have. */
export const scopes = Object.keys(scopeRights);

const rightsByScope: Readonly<Record<string, readonly Right[]>> = scopeRights;

/** Whether the caller may do this. Scopes that are not known here give nothing. */
export function may(caller: Caller, right: Right): boolean {
  if (caller.kind === 'user') return roleMay(caller.role, right);
  return caller.scopes.some((scope) => rightsByScope[scope]?.includes(right));
}

/** Whether a user of this role may. */
export function roleMay(role: UserRole, right: Right): boolean {
  return roleRights[role].includes(right);
}
