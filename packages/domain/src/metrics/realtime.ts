import { capacityTables } from './appointments.ts';
import type { LiveMetricDefinition, MetricDefinition, Term } from './definition.ts';
import type { RecordMetricUnit } from './record-metric.ts';

/** What is true only now; the live stream tells it, and no series or breakdown can. */
export const callsInProgress = {
  id: 'calls_in_progress',
  label: 'Calls in progress',
  category: 'realtime',
  unit: 'calls',
  definition:
    'Calls that have begun and not ended. One that has said nothing for 4 hours is not counted: its end was lost.',
  basis: 'now',
  calculation: {
    kind: 'count_now',
    of: 'voice_calls',
    where: { status: ['ringing', 'in_progress'] },
    beganWithinHours: 4,
  },
  source: 'postgres',
  settlesAfter: 'P0D',
  dimensions: [],
  synonyms: ['active calls', 'live calls', 'calls right now'],
  betterIs: 'neither',
} as const satisfies LiveMetricDefinition;

/** Those that the API tells. */
export const realtimeMetrics: readonly LiveMetricDefinition[] = [callsInProgress];

/** Where a number of the present comes from. */
export type RealtimeCalculation =
  | LiveMetricDefinition['calculation']
  /** Counted among records as they are now; each table has the columns that it takes. */
  | { kind: 'records'; tables: Readonly<Record<string, readonly string[]>> }
  /** What the services export of themselves, by name; with labels, only the series that have them. */
  | { kind: 'exported'; name: string; labels?: Readonly<Record<string, string>> }
  /** The sum of this hour by its mean in the same hour of the week, over so many weeks. */
  | { kind: 'against_usual'; of: Term; weeks: number };

export type RealtimeMetricDefinition = Omit<MetricDefinition, 'calculation' | 'source' | 'unit'> & {
  unit: RecordMetricUnit | 'events' | 'letters' | 'reviews';
  calculation: RealtimeCalculation;
  source: 'postgres' | 'clickhouse' | 'prometheus';
};

const sources = {
  count_now: 'postgres',
  records: 'postgres',
  exported: 'prometheus',
  against_usual: 'clickhouse',
} as const;

function now(
  id: string,
  label: string,
  unit: RealtimeMetricDefinition['unit'],
  betterIs: RealtimeMetricDefinition['betterIs'],
  definition: string,
  calculation: RealtimeCalculation,
): RealtimeMetricDefinition {
  const source = sources[calculation.kind];
  return {
    id,
    label,
    category: 'realtime',
    unit,
    definition,
    basis: 'now',
    calculation,
    source,
    settlesAfter: 'P0D',
    dimensions: [],
    synonyms: [],
    betterIs,
  };
}

const reviews = { match_reviews: ['state', 'created_at'] };

/** Everything that is defined of the present and the last half hour; more than what the API tells so far. */
export const realtimeCatalogue: readonly RealtimeMetricDefinition[] = [
  callsInProgress,
  now(
    'open_conversations',
    'Open conversations',
    'conversations',
    'down',
    'Conversations that are open now; those that are pending or snoozed wait for somebody else.',
    { kind: 'records', tables: { conversations: ['state'] } },
  ),
  now(
    'unassigned_conversations',
    'Conversations without an assignee',
    'conversations',
    'down',
    'Open conversations that are given to nobody.',
    { kind: 'records', tables: { conversations: ['state', 'assignee_id'] } },
  ),
  now(
    'oldest_wait_minutes',
    'Longest wait',
    'minutes',
    'down',
    'How long the one who waits longest has been without an answer.',
    {
      kind: 'records',
      tables: {
        conversations: ['state', 'last_inbound_at'],
        conversation_messages: ['conversation_id', 'direction', 'sent_at'],
      },
    },
  ),
  now(
    'appointments_today_by_status',
    'Today’s appointments by status',
    'appointments',
    'neither',
    'Appointments that start today on the clinic’s clocks, by how far they have come.',
    { kind: 'records', tables: { appointments: ['starts_at', 'status', 'entered_in_error'] } },
  ),
  now(
    'next_free_slot_by_practitioner',
    'Next free slot by practitioner',
    'hours',
    'down',
    'Time until each practitioner’s next slot that nobody has booked.',
    { kind: 'records', tables: { ...capacityTables, practitioners: ['id'] } },
  ),
  now(
    'events_per_minute',
    'Events per minute',
    'events',
    'neither',
    'Events that the pipeline took in, per minute of the last half hour.',
    { kind: 'exported', name: 'switchboard_ingest_events_accepted_total' },
  ),
  now(
    'ingest_lag_p95_seconds',
    'Enrichment lag, 95th percentile',
    'seconds',
    'down',
    '95 of 100 events were enriched within this time after they were received.',
    { kind: 'exported', name: 'switchboard_enrich_delay_seconds' },
  ),
  now(
    'freshness_seconds',
    'Age of the numbers',
    'seconds',
    'down',
    'How long ago everything that was stated was in ClickHouse.',
    { kind: 'exported', name: 'switchboard_facts_freshness_seconds' },
  ),
  now(
    'duplicates_dropped',
    'Repeated events dropped',
    'events',
    'neither',
    'Events of the last half hour that had come before and changed nothing.',
    { kind: 'exported', name: 'switchboard_sink_events_total', labels: { outcome: 'repeat' } },
  ),
  now(
    'signature_failures',
    'Signature failures',
    'events',
    'down',
    'Callers of the last half hour who were not who they said they are.',
    { kind: 'exported', name: 'switchboard_ingest_signature_failures_total' },
  ),
  now(
    'dead_letters_open',
    'Open dead letters',
    'letters',
    'down',
    'Events that could not be worked on and that nobody has decided on.',
    { kind: 'records', tables: { dead_letters: ['state', 'tenant_id'] } },
  ),
  now(
    'queue_depth',
    'Queue depth',
    'events',
    'down',
    'Events in the broker that are still to be worked on.',
    { kind: 'exported', name: 'switchboard_kafka_lag_messages' },
  ),
  now(
    'match_reviews_open',
    'Open match reviews',
    'reviews',
    'down',
    'Records for which somebody has to decide whose they are.',
    { kind: 'records', tables: reviews },
  ),
  now(
    'match_review_age_median_hours',
    'Age of match reviews, median',
    'hours',
    'down',
    'Half of the open reviews have waited no longer than this.',
    { kind: 'records', tables: reviews },
  ),
  now(
    'auto_match_rate',
    'Matched without a person',
    'ratio',
    'up',
    'Of the records matched in the last half hour, those that nobody had to look at.',
    { kind: 'records', tables: { match_decisions: ['decision', 'decided_by', 'created_at'] } },
  ),
  now(
    'hour_vs_baseline',
    'This hour against the usual',
    'ratio',
    'neither',
    'Calls that started this hour, by their mean in the same hour of the week over 4 weeks.',
    { kind: 'against_usual', of: { fact: 'voice_call', basis: 'started', column: 'calls' }, weeks: 4 },
  ),
];
