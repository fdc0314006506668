import type { LoginRole } from '../../roles.ts';

/** The query that an index is for, with `$id` (some record's) and `$phone` of the test's data. */
export interface IndexQuery {
  index: string;
  role: LoginRole;
  sql: string;
}

const query =
  (role: LoginRole) =>
  (index: string, sql: string): IndexQuery => ({ index, role, sql });
export const api = query('switchboard_api');
export const sink = query('switchboard_sink');
export const enrich = query('switchboard_enrich');
