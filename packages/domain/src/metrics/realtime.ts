import type { LiveMetricDefinition } from './definition.ts';

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

/** Everything that is counted of the present. */
export const realtimeMetrics: readonly LiveMetricDefinition[] = [callsInProgress];
