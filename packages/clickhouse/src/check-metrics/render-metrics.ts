import type { CheckedMetric } from './check-metrics.ts';

/** A line per metric for a person, then what is wrong. */
export function renderMetrics(checked: readonly CheckedMetric[]): string {
  const rows = [
    ['metric', 'answered', 'source', 'basis', 'columns'],
    ...checked.map(({ id, tables, basis, columns, problems }) => [
      id,
      problems.length === 0 ? 'ok' : 'NO',
      tables.join(' + '),
      basis,
      columns.join(' '),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const problems = checked.flatMap((metric) => metric.problems);
  const answered = checked.filter((metric) => metric.problems.length === 0).length;
  return `${[...lines, '', ...problems, `${answered} of ${checked.length} metrics can be answered`].join('\n')}\n`;
}
