import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export type MetricType = 'counter' | 'gauge' | 'histogram';

/** A metric as the code makes it. */
export interface Metric {
  name: string;
  type: MetricType;
  help: string;
  labels: string[];
  /** From the project's root. */
  file: string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Every metric that a service or package makes, by name: calls of `counter`, `gauge` and `histogram` whose name is
 * written out.
 * @throws Error when a call names its metric or labels in a way that can't be read off, or two metrics of one name differ
 */
export function findMetrics(): Metric[] {
  const files = globSync('{packages,services}/*/src/**/*.ts', { cwd: root }).filter(
    (file) =>
      !/^packages\/domain\/|\.test\.ts$|\/testing\/|\/contract\/|^packages\/testkit\/|platform\/src\/metrics\.ts$/.test(
        file,
      ),
  );
  const found = files.flatMap((file) => metricsOf(file, readFileSync(`${root}${file}`, 'utf8')));
  const byName = new Map<string, Metric>();
  for (const metric of found.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const known = byName.get(metric.name);
    if (known && (known.type !== metric.type || known.labels.join() !== metric.labels.join()))
      throw new Error(`${metric.name} is not the same in ${known.file} and ${metric.file}`);
    byName.set(metric.name, known ?? metric);
  }
  return [...byName.values()];
}

/** Exported for its test. */
export function metricsOf(file: string, text: string): Metric[] {
  if (!/\b(counter|gauge|histogram)\(/.test(text)) return [];
  const found: Metric[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const type = typeOf(node.expression);
      if (type) found.push(readCall(file, type, node.arguments));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

function typeOf(called: ts.Expression): MetricType | undefined {
  const name = ts.isPropertyAccessExpression(called)
    ? called.name.text
    : ts.isIdentifier(called)
      ? called.text
      : '';
  return name === 'counter' || name === 'gauge' || name === 'histogram' ? name : undefined;
}

function readCall(file: string, type: MetricType, [name, help, labels]: ts.NodeArray<ts.Expression>): Metric {
  if (!name || !help || !ts.isStringLiteral(name) || !ts.isStringLiteral(help))
    throw new Error(`${file}: a metric's name and help must be written out`);
  if (labels && !(ts.isArrayLiteralExpression(labels) && labels.elements.every(ts.isStringLiteral)))
    throw new Error(`${file}: the labels of ${name.text} must be written out`);
  const named = labels && ts.isArrayLiteralExpression(labels) ? labels.elements : [];
  return {
    name: name.text,
    type,
    help: help.text,
    labels: named.flatMap((label) => (ts.isStringLiteral(label) ? [label.text] : [])),
    file,
  };
}

/** Series by name → labels, as they are scraped: a histogram is three. */
export function seriesOf(metrics: readonly Metric[]): Map<string, Set<string>> {
  const everywhere = ['service', 'job', 'instance', 'process'];
  const named = metrics.flatMap(({ name, type, labels }): [string, Set<string>][] => {
    // Prometheus keeps `job` for itself, and renames ours.
    const scraped = labels.map((label) => (label === 'job' ? 'exported_job' : label));
    const own = new Set([...scraped, ...everywhere]);
    if (type !== 'histogram') return [[name, own]];
    return [
      [`${name}_bucket`, new Set([...own, 'le'])],
      [`${name}_sum`, own],
      [`${name}_count`, own],
    ];
  });
  // Of Prometheus itself, and of every Node process.
  const common = [
    'up',
    'process_resident_memory_bytes',
    'process_start_time_seconds',
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_max_seconds',
    'nodejs_eventloop_lag_p99_seconds',
  ];
  return new Map([...named, ...common.map((name): [string, Set<string>] => [name, new Set(everywhere)])]);
}
