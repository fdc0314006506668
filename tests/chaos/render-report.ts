import type { ChaosReport } from './run-chaos.ts';

/** The report as text: a line per harm, a line per writer, then what was posted, answered, stored and counted. */
export function renderReport(report: ChaosReport): string {
  const { ledger, counts } = report;
  const { answerMs } = ledger;
  const planned = report.recoveries.length + report.left.length;
  const harms = report.recoveries.map((one) => [
    one.name,
    seconds(one.atMs),
    seconds(one.harmMs),
    one.meanwhileMs === null ? '' : seconds(one.meanwhileMs),
    seconds(one.readyMs),
    seconds(one.wholeWayMs),
  ]);
  const writers = report.writers.map((one) => [
    one.name,
    String(one.asked),
    String(one.later),
    String(one.mostTries),
    counted(one.notes),
  ]);
  return [
    table([['what went wrong', 'at', 'for', 'meanwhile', 'then ready after', 'all the way after'], ...harms]),
    '',
    table([['who wrote', 'requests', 'taken later', 'most tries', ''], ...writers]),
    '',
    `traffic ${seconds(report.trafficMs)}, then at rest after ${seconds(report.restMs)}`,
    `calls: ${ledger.calls}, ${ledger.events} events in ${ledger.deliveries} deliveries; by tries: ${counted(ledger.tries)}; not accepted, by last answer: ${counted(ledger.refusals)}`,
    `accepting answer: p50 ${milliseconds(answerMs.p50)}, p95 ${milliseconds(answerMs.p95)}, ` +
      `p99 ${milliseconds(answerMs.p99)}, max ${milliseconds(answerMs.max)}`,
    `stored: ${counted(counts)}`,
    `API meanwhile: ${counted(report.api)}`,
    `drift ${report.drift}`,
    ...report.impossible.map((what) => `NOT DONE HERE: ${what}`),
    ...(report.left.length > 0
      ? [`NOT DONE, no time for ${report.left.length} of ${planned}: ${report.left.join(', ')}`]
      : []),
    report.findings.length === 0
      ? `seed ${report.seed}: all that was taken is there once, and counted once`
      : `seed ${report.seed} FAILED:\n${report.findings.map((finding) => `  ${finding}`).join('\n')}`,
  ].join('\n');
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        column === 0 || column === row.length - 1
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`;
}

function counted(counts: Record<string, number>): string {
  const words = Object.entries(counts).map(([name, count]) => `${name}: ${count}`);
  return words.join(', ') || 'none';
}
