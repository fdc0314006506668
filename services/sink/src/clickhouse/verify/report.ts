/** Something that differs, summed over a tenant's day. */
export interface Finding {
  /** What was compared with what. */
  check:
    | 'facts-statements'
    | 'daily-facts'
    | 'hourly-facts'
    | 'statements-records'
    | 'block'
    | 'tenant'
    | 'tables'
    | 'views';
  /** The table that the check looked at. */
  table: string;
  tenant: string;
  day: string;
  /** How many statements, keys or sums differ. */
  differing: number;
  /** Which columns, where that is known. */
  columns?: string[];
}

export interface Compared {
  check: Finding['check'];
  table: string;
  tenants: number;
  /** Rows, keys or statements that were looked at. */
  rows: number;
}

export interface VerifyReport {
  epoch: number;
  /** The last block of the cut. */
  block: number;
  /** How long no block could be moved, milliseconds. */
  heldMs: number;
  compared: Compared[];
  findings: Finding[];
  /** Statements made by older rules, which the recount can't judge. */
  older: { kind: string; tenant: string; version: number; statements: number }[];
  /** Findings; 0: ClickHouse, `fact_current` and the records agree. */
  drift: number;
}
