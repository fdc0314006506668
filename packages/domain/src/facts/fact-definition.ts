import type { LocalTimeColumns } from './statement-parts.ts';

/** What a descriptive column holds; what is unknown is the empty text, the zero id, or 1970. */
export type ColumnType =
  /** One of few words, or an id of a vendor. Never free text. */
  | 'text'
  | 'texts'
  /** UUID: an id of ours, or a keyed pseudonym. */
  | 'id'
  /** UTC instant; compared with the clock when a question is asked. */
  | 'time';

/**
 * One kind of fact. An entity states itself once under each basis that it has a date for. The columns that every fact
 * has (tenant, block, sign, local day and hour, …) stand beside these.
 */
export interface FactDefinition {
  /** As in `fact_current.kind`; `fact_<kind>` is its table. */
  kind: string;
  /** Raised whenever a statement would come out differently, so that a job restates what is old. */
  statementVersion: number;
  /** What their number is called among the sums, e.g. `appointments`. */
  count: string;
  /** The dates that a statement can count under. */
  bases: readonly string[];
  dimensions: Readonly<Record<string, ColumnType>>;
  /** Integers, summed with the sign. */
  measures: readonly string[];
  /** Lists of bucket indexes, counted with the sign. */
  histograms: readonly string[];
  /** Those dimensions that daily and hourly sums are kept apart by: few, or a day is as long as its facts. */
  rollupDimensions: readonly string[];
}

interface ColumnValues {
  text: string;
  texts: readonly string[];
  id: string;
  time: string;
}

/** What is stated of one entity under one basis: the compiler refuses a column too many or too few. */
export type Statement<D extends FactDefinition> = LocalTimeColumns & { statement_version: number } & {
  [K in keyof D['dimensions']]: ColumnValues[D['dimensions'][K]];
} & Record<D['measures'][number], number> &
  Record<D['histograms'][number], readonly number[]>;

/** A statement per basis. Null: nothing is stated under it (any longer), and what was is taken back. */
export type Statements<D extends FactDefinition> = Record<D['bases'][number], Statement<D> | null>;
