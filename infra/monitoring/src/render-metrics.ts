import type { Metric } from './find-metrics.ts';

/** Who exports what is made in a folder; the longest that fits counts. */
const makers: readonly [folder: string, who: string][] = [
  ['packages/kafka/src/producer', 'who writes to Kafka'],
  ['packages/kafka/', 'who reads from Kafka'],
  ['services/sink/src/postgres/', 'sink-postgres'],
  ['services/sink/src/clickhouse/', 'sink-clickhouse'],
  ['services/ingest/', 'ingest'],
  ['services/enrich/', 'enrich'],
  ['services/api/', 'api'],
  ['services/jobs/', 'jobs'],
];

/** `docs/metrics.md`. */
export function renderMetrics(metrics: readonly Metric[]): string {
  const rows = metrics.map(
    ({ name, type, labels, help, file }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${whoMakes(name, file)} | ${help} |`,
  );
  return `# Metrics

Made from the code (\`npx vitest run -u --project unit infra/monitoring\` writes it). Every series also has the label \`service\`;
seconds and bytes are in the name. Every process exports Node's own beside them (\`process_…\`, \`nodejs_…\`). No label holds a
name, a number or a text of a patient, and none has values without end.

Alerts over these are \`infra/prometheus/alerts.yml\`, each with a [runbook](runbooks/README.md); dashboards are in \`infra/grafana\`.

| name | type | labels | of | what it is |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

function whoMakes(name: string, file: string): string {
  if (name === 'http_request_duration_seconds') return 'api, ingest';
  return makers.find(([folder]) => file.startsWith(folder))?.[1] ?? file;
}
