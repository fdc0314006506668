import { countPauses, heldOf } from '@switchboard/domain/records/record-state';
import type { Client } from '@switchboard/postgres';
import { upsertJourneySteps, upsertJourneys } from '@switchboard/postgres/records/journeys';
import type { Row } from '@switchboard/postgres/rows';
import {
  type ChangedRecord,
  isoOf,
  isPlaceholder,
  numberOf,
  partsOfStep,
  textOf,
  timeOf,
} from './changed-record.ts';
import { departmentIn, type Links, patientIn, referenceIn } from './links.ts';
import { writeRows } from './write-rows.ts';

/**
 * Writes journeys.
 * @param patientOf who stands for a patient that was merged
 * @returns those that changed
 */
export async function writeJourneys(
  client: Client,
  tenantId: string,
  journeys: readonly ChangedRecord[],
  links: Links,
  patientOf: (id: string) => string,
): Promise<string[]> {
  const written = await writeRows(client, tenantId, journeys, {
    table: 'journeys',
    upsert: (writer, rows) => upsertJourneys(writer, rows.map(nextVersion)),
    columns: (record, winners, state) => {
      const status = textOf(winners, 'status');
      const patientId = links.idOf('patient', record, patientIn(record, winners));
      const ended =
        status === 'completed' ? 'completed_at' : status === 'canceled' ? 'canceled_at' : undefined;
      return {
        patient_id: patientId && patientOf(patientId),
        original_patient_id: patientId,
        practitioner_id: links.idOf('practitioner', record, referenceIn(winners, 'practitioner')),
        department_id: links.departmentOf(departmentIn(record, winners)),
        journey_type: textOf(winners, 'journey_type') ?? textOf(winners, 'name'),
        stage: textOf(winners, 'stage'),
        status,
        started_at: timeOf(winners, 'started_at'),
        ended_at: ended && timeOf(winners, ended),
        ...countPauses(state.moves),
        placeholder: isPlaceholder(state),
      };
    },
    defaults: () => ({ journey_type: 'unknown', status: 'active', entered_in_error: false, version: 0 }),
  });
  return written.map(({ record }) => record.id);
}

/**
 * Writes steps, after their journeys and appointments. One that names an appointment without a row waits for it.
 * @param hasRow whether an appointment has a row
 * @returns the journeys whose steps changed, and what steps wait for, by step
 */
export async function writeSteps(
  client: Client,
  tenantId: string,
  steps: readonly ChangedRecord[],
  links: Links,
  hasRow: (appointmentId: string) => boolean,
): Promise<{ journeys: string[]; awaited: Map<string, string> }> {
  const appointmentOf = (record: ChangedRecord, winners: ChangedRecord['now']) =>
    links.idOf('appointment', record, textOf(winners, 'appointment'));
  const journeyOf = (record: ChangedRecord) =>
    links.idOf('journey', record, partsOfStep(record.externalId).journeyId);
  const written = await writeRows(client, tenantId, steps, {
    table: 'journey_steps',
    upsert: upsertJourneySteps,
    columns: (record, winners, state) => {
      const appointmentId = appointmentOf(record, winners);
      const done = heldOf(state.fields, 'status');
      const isDone = done?.value === 'completed';
      return {
        name: textOf(winners, 'name') ?? textOf(winners, 'step_type'),
        step_type: textOf(winners, 'step_type'),
        stage: textOf(winners, 'stage'),
        position: numberOf(winners, 'position'),
        due_at: timeOf(winners, 'due_at'),
        completed_at: isDone
          ? (timeOf(winners, 'completed_at') ?? isoOf(done.time ?? done.received))
          : undefined,
        appointment_id: appointmentId !== undefined && hasRow(appointmentId) ? appointmentId : undefined,
      };
    },
    defaults: (record) => ({
      journey_id: journeyOf(record),
      name: partsOfStep(record.externalId).stepId,
      placeholder: false,
    }),
  });
  const awaited = steps.flatMap((record): [string, string][] => {
    const appointmentId = appointmentOf(record, record.now);
    return appointmentId === undefined || hasRow(appointmentId) ? [] : [[record.id, appointmentId]];
  });
  return { journeys: written.map(({ row }) => String(row.journey_id)), awaited: new Map(awaited) };
}

function nextVersion(row: Row): Row {
  return { ...row, version: Number(row.version) + 1 };
}
