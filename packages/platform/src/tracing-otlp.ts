import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { readTraceparent, type Tracing } from './trace-context.ts';

const sendMs = 10_000;
const stopMs = 5_000;

/**
 * Spans are made when they are over, under what the event's `traceparent` names: an event that was not sampled by its
 * sender is not sent. What can't be sent is dropped: tracing holds up no event.
 */
export function startOtlp(service: string, endpoint: string): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: sendMs,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'switchboard' }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000, maxQueueSize: 4_096 })],
  });
  const tracer = provider.getTracer('switchboard');
  return {
    isOn: true,
    record({ name, traceparent, startedAt, endedAt, attributes }) {
      const parent = readTraceparent(traceparent);
      if (!parent) return;
      // As numbers, times before this process began would be taken for times since it began.
      const [startTime, endTime] = [new Date(startedAt), new Date(Math.max(startedAt, endedAt))];
      const context = trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
      tracer.startSpan(name, { startTime, kind: SpanKind.INTERNAL, attributes }, context).end(endTime);
    },
    async stop() {
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, stopMs).unref()),
      ]);
    },
  };
}
