import type { Term } from '@switchboard/domain/metrics/definition';
import {
  distinctKey,
  emptyTotals,
  needsOf,
  type SummedMetric,
  type Totals,
} from '@switchboard/domain/metrics/totals';
import { millisecondsOf } from '@switchboard/domain/periods/duration';

/** What is stated of an entity under a basis. */
export interface StatedFact {
  kind: string;
  entityId: string;
  basis: string;
  statement: Readonly<Record<string, unknown>>;
}

/**
 * What a metric is made of, added up from the statements one by one: what a query of ClickHouse is compared with.
 * @param now Unix ms
 */
export function totalsOfFacts(metric: SummedMetric, facts: readonly StatedFact[], now: number): Totals {
  const totals = emptyTotals();
  const needs = needsOf([metric]);
  for (const [key, term] of needs.sums) totals.sums.set(key, sumOf(counted(term, facts, now), term));
  for (const [key, { term, currency }] of needs.byCurrency) {
    const groups = Map.groupBy(counted(term, facts, now), ({ statement }) => String(statement[currency]));
    totals.byCurrency.set(key, new Map([...groups].map(([name, group]) => [name, sumOf(group, term)])));
  }
  for (const [key, term] of needs.histograms) {
    const buckets = counted(term, facts, now).flatMap(({ statement }) => numbersOf(statement[term.column]));
    totals.histograms.set(
      key,
      new Map([...Map.groupBy(buckets, (bucket) => bucket)].map(([bucket, all]) => [bucket, all.length])),
    );
  }
  for (const distinct of needs.distincts.values()) {
    const { id, of } = distinct;
    const groups = Map.groupBy(counted(of, facts, now), ({ statement }) => String(statement[id]));
    groups.delete('00000000-0000-0000-0000-000000000000');
    const present = [...groups.values()].filter((group) => of.column === id || sumOf(group, of) > 0);
    totals.distincts.set(distinctKey(distinct), present.length);
  }
  return totals;
}

/** The facts that a term counts. */
function counted(term: Term, facts: readonly StatedFact[], now: number): StatedFact[] {
  const { fact, basis, where = {}, past } = term;
  return facts.filter(
    (one) =>
      one.kind === fact &&
      one.basis === basis &&
      Object.entries(where).every(([column, values]) => values.includes(String(one.statement[column]))) &&
      (past === undefined ||
        Date.parse(`${String(one.statement[past.column]).replace(' ', 'T')}Z`) <=
          now - millisecondsOf(past.by)),
  );
}

/** A column that no statement has is that of their number. */
function sumOf(facts: readonly StatedFact[], { column }: Term): number {
  return facts.reduce((sum, { statement }) => sum + Number(statement[column] ?? 1), 0);
}

function numbersOf(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}
