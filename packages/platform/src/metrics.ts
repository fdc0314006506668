import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  counter<L extends string>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** @param collect called at each scrape, to set what changes with time alone */
  gauge<L extends string>(
    name: string,
    help: string,
    labels?: readonly L[],
    collect?: (gauge: Gauge<L>) => void,
  ): Gauge<L>;
  histogram<L extends string>(
    name: string,
    help: string,
    labels?: readonly L[],
    buckets?: number[],
  ): Histogram<L>;
  /** The text exposition format of Prometheus. */
  render(): Promise<{ contentType: string; body: string }>;
}

/** With the two seconds that an alert asks for: between bounds a quantile is only guessed. */
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

/** `202` → `2xx`: routes by exact status would be series without end. */
export function statusClass(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}

/**
 * A registry of one service's metrics, labelled with the service. Their makers name them `switchboard_…`, but for what every
 * dashboard knows by another name.
 */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, labels = [], collect = () => undefined) =>
      new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers,
        collect() {
          collect(this);
        },
      }),
    histogram: (name, help, labels = [], buckets = secondsBuckets) =>
      new Histogram({ name, help, labelNames: [...labels], buckets, registers }),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
