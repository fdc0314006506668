import type { Tracing } from './trace-context.ts';

/** What a service does without `OTEL_EXPORTER_OTLP_ENDPOINT`. */
export const noTracing: Tracing = { isOn: false, record: () => undefined, stop: async () => undefined };

/**
 * @param service named in each span
 * @param endpoint of OTLP over HTTP, without `/v1/traces`; unset: no library is even loaded
 */
export async function createTracing(service: string, endpoint: string | undefined): Promise<Tracing> {
  if (endpoint === undefined) return noTracing;
  const { startOtlp } = await import('./tracing-otlp.ts');
  return startOtlp(service, endpoint);
}
