import type { Term } from '@switchboard/domain/metrics/definition';
import { type Needs, needsOf } from '@switchboard/domain/metrics/totals';
import { findFact } from '../blocks/insert-block.ts';
import type { FactTable } from '../facts/fact-table.ts';
import { coarsest, type MetricQuery, type Table } from './metric-query.ts';

/** The sums of a query that one table can give together: of one kind of fact, under one basis. */
export interface QueryPart extends Pick<Needs, 'sums' | 'byCurrency' | 'histograms'> {
  fact: FactTable;
  basis: string;
  /** The coarsest table that holds what the terms name, whatever they are split by. */
  least: Table;
}

/** Divides what must be summed among the tables that hold it; the coarsest that a term allows. */
export function partsOf(query: MetricQuery): QueryPart[] {
  const needs = needsOf(query.metrics);
  const parts = new Map<string, QueryPart>();
  const partFor = (term: Term, currency: readonly string[] = []): QueryPart => {
    const { fact, basis } = originOf(query, term);
    const least = coarsest(fact, [...columnsNamed(term), ...currency]);
    const key = `${fact.kind} ${basis} ${least}`;
    const known = parts.get(key);
    if (known) return known;
    const part = { fact, basis, least, sums: new Map(), byCurrency: new Map(), histograms: new Map() };
    parts.set(key, part);
    return part;
  };
  for (const [key, term] of needs.sums) partFor(term).sums.set(key, term);
  for (const [key, money] of needs.byCurrency)
    partFor(money.term, [money.currency]).byCurrency.set(key, money);
  for (const [key, term] of needs.histograms) partFor(term).histograms.set(key, term);
  return [...parts.values()];
}

/** @throws SwitchboardError `unknown_fact` */
export function originOf({ catalogue }: MetricQuery, term: Term): { fact: FactTable; basis: string } {
  return { fact: findFact(term.fact ?? catalogue.kind), basis: term.basis ?? catalogue.basis };
}

function columnsNamed({ where = {}, past }: Term): string[] {
  return [...Object.keys(where), ...(past === undefined ? [] : [past.column])];
}
