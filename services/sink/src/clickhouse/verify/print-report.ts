import type { VerifyReport } from './report.ts';

/** The report as lines for a person. */
export function renderReport(report: VerifyReport): string {
  const lines = [
    `cut at block ${report.block}, epoch ${report.epoch}; blocks were held ${report.heldMs} ms`,
    '',
    table(
      ['compared', 'table', 'tenants', 'rows'],
      report.compared.map((one) => [one.check, one.table, String(one.tenants), String(one.rows)]),
    ),
  ];
  if (report.older.length > 0) {
    const older = report.older.map((one) => [
      one.tenant,
      one.kind,
      String(one.version),
      String(one.statements),
    ]);
    lines.push(
      '',
      'not recounted, stated by older rules or in another zone:',
      table(['tenant', 'kind', 'version', 'statements'], older),
    );
  }
  if (report.findings.length > 0) {
    const findings = report.findings.map((one) => [
      one.check,
      one.table,
      one.tenant,
      one.day,
      String(one.differing),
      (one.columns ?? []).slice(0, 4).join(' '),
    ]);
    lines.push('', table(['differs', 'table', 'tenant', 'day', 'count', 'columns'], findings));
  }
  lines.push('', `drift ${report.drift}`);
  return `${lines.join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
