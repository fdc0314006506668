export { askPostgres } from './ask-postgres.ts';
export { forEachTenant } from './for-each-tenant.ts';
export { migrate } from './migrate.ts';
export { orRetry } from './or-retry.ts';
export {
  allAnswered,
  type Client,
  createPool,
  inTransaction,
  lockTenant,
  type Pool,
  type Queryable,
  together,
  withTenant,
} from './pool.ts';
export { type FactContext, recordFacts, type Statement } from './record-facts.ts';
export type { LoginRole } from './roles.ts';
export { isRefusedRow, isSqlState, isTransient } from './sql-state.ts';
export { whyAway } from './why-away.ts';
