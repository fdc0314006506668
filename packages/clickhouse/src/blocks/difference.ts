import { type FactTable, type Rollup, statementColumns } from '../facts/fact-table.ts';
import { signedBuckets } from '../migrate/template.ts';

/**
 * SQL of the keys whose sums differ between facts and their daily or hourly table: facts minus sums, everything that
 * is not 0. Columns: the rollup's key and `columns`, the names of the sums that differ.
 * @param where a condition on `tenant_id`, `basis` and `local_date` for both sides
 */
export function rollupDifferenceSql(fact: FactTable, rollup: Rollup, epoch: number, where: string): string {
  const key = rollup.key.join(', ');
  const sums = [fact.count, ...fact.measures];
  const ofFacts = [
    `sum(toInt64(sign)) AS d_${fact.count}`,
    ...fact.measures.map((name) => `sum(sign * ${name}) AS d_${name}`),
    ...fact.histograms.map((name) => `sumMap(${signedBuckets(name)}) AS d_${name}`),
  ];
  const ofSums = [
    ...sums.map((name) => `-toInt64(${name}) AS d_${name}`),
    ...fact.histograms.map((name) => `mapApply((bucket, n) -> (bucket, -n), ${name}) AS d_${name}`),
  ];
  const differing = [
    ...sums.map((name) => `if(sum(d_${name}) != 0, '${name}', '')`),
    ...fact.histograms.map(
      (name) => `if(arrayExists(n -> n != 0, mapValues(sumMap(d_${name}))), '${name}', '')`,
    ),
  ];
  return `
    SELECT ${key}, arrayFilter(name -> name != '', [${differing.join(', ')}]) AS columns
    FROM (
      SELECT ${key}, ${ofFacts.join(', ')} FROM ${fact.name}_e${epoch} WHERE ${where} GROUP BY ${key}
      UNION ALL
      SELECT ${key}, ${ofSums.join(', ')} FROM ${fact.rollup}_${rollup.span}_e${epoch} WHERE ${where}
    )
    GROUP BY ${key}
    HAVING notEmpty(columns)`;
}

/**
 * SQL of the statements whose count differs between facts and another table of the same columns, whose rows count +1
 * each. Columns: `tenant_id, basis, local_date, entity_id, difference` (facts minus other, ±1 for one statement).
 * @param where a condition on common columns for the facts
 */
export function statementDifferenceSql(fact: FactTable, epoch: number, other: string, where: string): string {
  const shown = ['tenant_id', 'basis', 'local_date', 'entity_id'];
  const rest = statementColumns(fact).filter((name) => !shown.includes(name));
  const columns = `${shown.join(', ')}, sipHash64(${rest.join(', ')}) AS statement`;
  return `
    SELECT ${shown.join(', ')}, sum(n) AS difference
    FROM (
      SELECT ${columns}, toInt64(sign) AS n FROM ${fact.name}_e${epoch} WHERE ${where}
      UNION ALL
      SELECT ${columns}, toInt64(-1) AS n FROM ${other}
    )
    GROUP BY ${shown.join(', ')}, statement
    HAVING difference != 0`;
}
