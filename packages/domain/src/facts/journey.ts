import type { FactDefinition, Statement, Statements } from './fact-definition.ts';
import { elapsed, flag, histogram, identifier, localTimeColumns, noId } from './statement-parts.ts';

/** One patient's way through a treatment, under the day it started on and the day it ended on. */
export const journeyFact = {
  kind: 'journey',
  statementVersion: 1,
  count: 'journeys',
  bases: ['started', 'ended'],
  dimensions: {
    journey_type: 'text',
    status: 'text',
    department_id: 'id',
    practitioner_id: 'id',
    patient_id: 'id',
  },
  measures: ['steps', 'steps_done', 'was_paused', 'was_resumed'],
  histograms: ['duration_ms_hist'],
  rollupDimensions: ['journey_type', 'status', 'department_id'],
} as const satisfies FactDefinition;

/** A journey as the records hold it. Times are Unix ms. */
export interface JourneyRecord {
  status: 'active' | 'paused' | 'completed' | 'canceled' | 'entered_in_error';
  /** Made to try the system out; never counted. */
  isTest: boolean;
  journeyType: string | null;
  departmentId: string | null;
  practitionerId: string | null;
  patientId: string | null;
  startedAt: number;
  /** When it was completed or canceled. */
  endedAt: number | null;
  /** How often it was paused, and resumed after that. */
  pauses: number;
  resumes: number;
  steps: number;
  stepsDone: number;
}

/**
 * What analytics is told of a journey under each basis. One that is taken up again has not ended.
 * @param zone the clinic's IANA zone, whose days count
 */
export function stateJourneyFacts(record: JourneyRecord, zone: string): Statements<typeof journeyFact> {
  if (record.isTest || record.status === 'entered_in_error') return { started: null, ended: null };
  const completed = record.status === 'completed';
  const endedAt = completed || record.status === 'canceled' ? record.endedAt : null;
  const columns = {
    statement_version: journeyFact.statementVersion,
    journey_type: identifier(record.journeyType),
    status: record.status,
    department_id: record.departmentId ?? noId,
    practitioner_id: record.practitionerId ?? noId,
    patient_id: record.patientId ?? noId,
    steps: record.steps,
    steps_done: record.stepsDone,
    was_paused: flag(record.pauses > 0),
    was_resumed: flag(record.pauses > 0 && record.resumes > 0),
    duration_ms_hist: histogram(completed ? elapsed(record.startedAt, endedAt) : null),
  };
  const under = (ms: number): Statement<typeof journeyFact> => ({
    ...localTimeColumns(ms, zone),
    ...columns,
  });
  return { started: under(record.startedAt), ended: endedAt === null ? null : under(endedAt) };
}
