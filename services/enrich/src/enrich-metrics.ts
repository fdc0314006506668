import type { Metrics } from '@switchboard/platform';
import type { StepResult } from './pipeline/results.ts';

/** What enrichment tells of itself. */
export function createEnrichMetrics(metrics: Metrics) {
  const events = metrics.counter('switchboard_enrich_events_total', 'Events by what became of them.', [
    'outcome',
    'reason',
  ]);
  const steps = metrics.histogram('switchboard_enrich_step_seconds', 'Time of a step for one batch.', [
    'step',
  ]);
  const delay = metrics.histogram(
    'switchboard_enrich_delay_seconds',
    'From an event’s reception by ingest to its enriched form in the broker.',
  );
  return {
    stepDone(step: string, seconds: number): void {
      steps.observe({ step }, seconds);
    },
    /** @param putBack it came now because a dead letter was put back: its delay is none of ours */
    eventDone(result: StepResult<{ event: { received_at: number } }>, now: number, putBack: boolean): void {
      events.inc({ outcome: result.kind, reason: result.kind === 'ok' ? '' : result.reason });
      if (result.kind === 'ok' && !putBack)
        delay.observe(Math.max(0, now - result.value.event.received_at) / 1_000);
    },
  };
}

export type EnrichMetrics = ReturnType<typeof createEnrichMetrics>;
