import { canaryTenantId } from '@switchboard/domain/canary';
import { commonColumns, type FactTable, rollupsOf } from './fact-table.ts';

/** Sums of several kinds of facts under one public name, for those who look for them there. */
export interface JointRollup {
  /** Public name without `_daily` and `_hourly`. */
  rollup: string;
  facts: readonly FactTable[];
}

/**
 * The SELECT of a joint view over the sums of one epoch. Every kind has all columns; one that several kinds count is called
 * after its kind (`conversation_messages`), so that a sum over all kinds adds up no unlike things. The pipeline's own probe is
 * left out, as in the other public views.
 */
export function jointSql({ facts }: JointRollup, span: 'daily' | 'hourly', epoch: number): string {
  return facts.map((fact) => partOf(fact, facts, span, epoch)).join('\nUNION ALL\n');
}

/** What a joint view calls a measure or histogram of one of its kinds. */
function jointName(column: string, fact: FactTable, facts: readonly FactTable[]): string {
  const countedBy = facts.filter((one) => column === one.count || columnsOf(one).includes(column));
  return countedBy.length > 1 && column !== fact.count ? `${fact.kind}_${column}` : column;
}

function partOf(fact: FactTable, facts: readonly FactTable[], span: 'daily' | 'hourly', epoch: number) {
  const key = keyOf(fact, span);
  const keys = [...new Set(facts.flatMap((one) => keyOf(one, span)))].map((name) =>
    key.includes(name) ? name : `defaultValueOfTypeName('${typeOf(name, facts)}') AS ${name}`,
  );
  const sums = facts.flatMap((one) => [
    ...[one.count, ...one.measures].map((name) =>
      sumOf(`sum(t.${name})`, 'toInt64(0)', jointName(name, one, facts), one === fact),
    ),
    ...one.histograms.map((name) =>
      sumOf(
        `sumMap(t.${name})`,
        "CAST(map(), 'Map(Int16, Int64)')",
        jointName(name, one, facts),
        one === fact,
      ),
    ),
  ]);
  return `SELECT
    '${fact.kind}' AS kind,
    ${[...keys, ...sums].join(',\n    ')}
FROM ${fact.rollup}_${span}_e${epoch} AS t
WHERE t.tenant_id != '${canaryTenantId}'
GROUP BY ${key.join(', ')}
HAVING ${fact.count} != 0`;
}

function sumOf(sum: string, nothing: string, name: string, own: boolean): string {
  return `${own ? sum : nothing} AS ${name}`;
}

function columnsOf(fact: FactTable): string[] {
  return [...fact.measures, ...fact.histograms];
}

function keyOf(fact: FactTable, span: 'daily' | 'hourly'): readonly string[] {
  return rollupsOf(fact).find((rollup) => rollup.span === span)?.key ?? [];
}

function typeOf(column: string, facts: readonly FactTable[]): string {
  const types: Record<string, string> = Object.assign(
    {},
    commonColumns,
    ...facts.map((one) => one.dimensions),
  );
  return types[column] ?? 'String';
}
