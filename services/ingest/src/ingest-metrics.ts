import type { Metrics } from '@switchboard/platform';

export type IngestMetrics = ReturnType<typeof createIngestMetrics>;

/** What ingest counts. Labels are words of closed lists, never a vendor's text. */
export function createIngestMetrics(metrics: Metrics) {
  return {
    requests: metrics.histogram(
      'http_request_duration_seconds',
      'Requests by route and class of status, from their headers to the answer',
      ['method', 'route', 'status_class'],
    ),
    accepted: metrics.counter('switchboard_ingest_events_accepted_total', 'Events that the broker has', [
      'vendor',
      'event',
    ]),
    ignored: metrics.counter(
      'switchboard_ingest_ignored_total',
      'Authentic webhooks of a kind that no record needs',
      ['vendor'],
    ),
    deadLetters: metrics.counter(
      'switchboard_ingest_dead_letters_total',
      'Authentic bodies that are not valid',
      ['reason'],
    ),
    refusals: metrics.counter(
      'switchboard_ingest_signature_failures_total',
      'Callers that are not who they say',
      ['reason'],
    ),
    limited: metrics.counter('switchboard_ingest_limited_total', 'Requests turned away before their work', [
      'by',
    ]),
    failures: metrics.counter(
      'switchboard_ingest_failures_total',
      'Rounds of a job of ingest that failed and come again.',
      ['job'],
    ),
    bytesInFlight: metrics.gauge('switchboard_ingest_body_bytes_in_flight', 'Bytes of bodies held in memory'),
    tenantsAge: metrics.gauge(
      'switchboard_ingest_tenants_age_seconds',
      'Time since tenants were loaded, or since the start',
    ),
  };
}
