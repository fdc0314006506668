import type { FactDefinition, Statement, Statements } from './fact-definition.ts';
import { flag, histogram, identifier, localTimeColumns, noId } from './statement-parts.ts';

/** One step of a journey, under the day it is due on and the day it was completed on. */
export const journeyStepFact = {
  kind: 'journey_step',
  statementVersion: 1,
  count: 'journey_steps',
  bases: ['due', 'completed'],
  dimensions: {
    journey_type: 'text',
    step: 'text',
    stage: 'text',
    department_id: 'id',
    practitioner_id: 'id',
    patient_id: 'id',
    journey_id: 'id',
  },
  measures: ['open', 'done', 'due_known', 'on_time', 'not_advanced_14d'],
  histograms: ['delay_ms_hist'],
  rollupDimensions: ['journey_type', 'step', 'stage'],
} as const satisfies FactDefinition;

/** A step as the records hold it, with what its journey says of it. Times are Unix ms. */
export interface JourneyStepRecord {
  /** `dropped`: no longer asked for, since the journey was canceled or the plan changed. */
  status: 'open' | 'completed' | 'dropped' | 'entered_in_error';
  /** Made to try the system out; never counted. */
  isTest: boolean;
  journeyId: string;
  journeyType: string | null;
  /** Codes of the clinic's plan, never its texts. */
  step: string | null;
  stage: string | null;
  departmentId: string | null;
  practitionerId: string | null;
  patientId: string | null;
  dueAt: number | null;
  completedAt: number | null;
  /** When the journey's next step was completed, or the journey itself after the last one. */
  advancedAt: number | null;
}

const dayMs = 86_400_000;

/**
 * What analytics is told of a step under each basis. Whether an open step is overdue, and whether 14 days have gone by
 * without an advance, is decided when a question is asked: `open` and `not_advanced_14d` say what holds if so.
 * @param zone the clinic's IANA zone, whose days count
 */
export function stateJourneyStepFacts(
  record: JourneyStepRecord,
  zone: string,
): Statements<typeof journeyStepFact> {
  if (record.isTest || record.status === 'dropped' || record.status === 'entered_in_error')
    return { due: null, completed: null };
  const { dueAt, advancedAt } = record;
  const completedAt = record.status === 'completed' ? record.completedAt : null;
  const known = dueAt !== null && completedAt !== null;
  const advanced = completedAt !== null && advancedAt !== null && advancedAt - completedAt <= 14 * dayMs;
  const columns = {
    statement_version: journeyStepFact.statementVersion,
    journey_type: identifier(record.journeyType),
    step: identifier(record.step),
    stage: identifier(record.stage),
    department_id: record.departmentId ?? noId,
    practitioner_id: record.practitionerId ?? noId,
    patient_id: record.patientId ?? noId,
    journey_id: record.journeyId,
    open: flag(record.status === 'open'),
    done: flag(record.status === 'completed'),
    due_known: flag(known),
    on_time: flag(known && completedAt <= dueAt),
    not_advanced_14d: flag(completedAt !== null && !advanced),
    delay_ms_hist: histogram(known ? completedAt - dueAt : null),
  };
  const under = (ms: number | null): Statement<typeof journeyStepFact> | null =>
    ms === null ? null : { ...localTimeColumns(ms, zone), ...columns };
  return { due: under(dueAt), completed: under(completedAt) };
}
