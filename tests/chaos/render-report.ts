import type { ChaosReport } from './run-chaos.ts';

/** The report as text: a line per kill, then what was posted, answered, stored and counted. */
export function renderReport(report: ChaosReport): string {
  const { ledger, counts } = report;
  const { answerMs } = ledger;
  const rows = report.kills
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((kill) => [
      kill.process,
      seconds(kill.atMs),
      seconds(kill.upAfterMs),
      seconds(kill.allReadyAfterMs),
    ]);
  return [
    table([['SIGKILL', 'at', 'ready after', 'all ready after'], ...rows]),
    '',
    `traffic ${seconds(report.trafficMs)}, then at rest after ${seconds(report.restMs)}`,
    `posted: ${ledger.calls} calls, ${ledger.events} events in ${ledger.deliveries} deliveries`,
    `deliveries by tries: ${counted(ledger.tries)}; not accepted, by last answer: ${counted(ledger.refusals)}`,
    `accepting answer: p50 ${milliseconds(answerMs.p50)}, p95 ${milliseconds(answerMs.p95)}, ` +
      `p99 ${milliseconds(answerMs.p99)}, max ${milliseconds(answerMs.max)}`,
    `stored: ${counted(counts)}`,
    `API meanwhile: ${counted(report.api)}`,
    `drift ${report.drift}`,
    report.findings.length === 0
      ? `seed ${report.seed}: every event accepted, every call once in Postgres and once in every sum`
      : `seed ${report.seed} FAILED:\n${report.findings.map((finding) => `  ${finding}`).join('\n')}`,
  ].join('\n');
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
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
