import { appointmentMetrics } from './appointments.ts';
import { communicationMetrics } from './communication.ts';
import { journeyMetrics } from './journeys.ts';
import type { RecordMetricDefinition } from './record-metric.ts';

/** Metrics of the clinic's records. They join what the API lists when their tables are there to be asked. */
export const recordMetrics: readonly RecordMetricDefinition[] = [
  ...appointmentMetrics,
  ...journeyMetrics,
  ...communicationMetrics,
];
