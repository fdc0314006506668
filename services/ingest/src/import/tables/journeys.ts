import {
  clinicColumns,
  isCellError,
  patientColumns,
  type RowEvent,
  type Table,
  textOf,
  typeOf,
  updatedAt,
} from '../table.ts';

const types = {
  active: 'journey.started',
  started: 'journey.started',
  paused: 'journey.paused',
  resumed: 'journey.resumed',
  completed: 'journey.completed',
  canceled: 'journey.canceled',
  cancelled: 'journey.canceled',
};

/** A row is a journey, or one step of it beside the journey's own columns. */
export const journeys: Table = {
  name: 'journeys',
  needs: ['id'],
  counts: {
    started_at: 'they count as started when they are imported',
    completed_at: 'those that are over count as completed on no day, and in no duration',
    canceled_at: 'those that were given up count as canceled on no day',
  },
  columns: [
    { name: 'id', form: 'text', aliases: ['journey_id', 'external_id', 'plan_id'] },
    ...patientColumns,
    ...clinicColumns,
    { name: 'journey_type', form: 'text', to: 'journey_type', aliases: ['type', 'plan_type'] },
    { name: 'name', form: 'text', to: 'name', aliases: ['journey_name', 'plan'] },
    { name: 'status', form: 'word', aliases: ['state'] },
    { name: 'started_at', form: 'time', to: 'started_at', aliases: ['start', 'start_date'] },
    { name: 'paused_at', form: 'time', to: 'paused_at' },
    { name: 'resumed_at', form: 'time', to: 'resumed_at' },
    { name: 'completed_at', form: 'time', to: 'completed_at', aliases: ['finished_at'] },
    { name: 'canceled_at', form: 'time', to: 'canceled_at', aliases: ['cancelled_at'] },
    { name: 'reason', form: 'text', to: 'reason' },
    { name: 'notes', form: 'text', to: 'notes' },
    { name: 'step_id', form: 'text', to: 'step.external_id' },
    { name: 'step_name', form: 'text', to: 'step.name', aliases: ['step'] },
    { name: 'step_type', form: 'text', to: 'step.step_type' },
    { name: 'step_position', form: 'whole', to: 'step.position', aliases: ['position'] },
    { name: 'step_due_at', form: 'time', to: 'step.due_at', aliases: ['due_at', 'step_due'] },
    { name: 'step_completed_at', form: 'time', to: 'step.completed_at' },
    { name: 'step_appointment_id', form: 'text', to: 'step.appointment' },
    { name: 'step_result', form: 'text', to: 'step.result' },
    updatedAt,
  ],
  read(cells, { step, ...own }) {
    const type = typeOf(cells, types, 'journey.started');
    if (isCellError(type)) return type;
    const subject = textOf(cells, 'id') ?? '';
    const journey: RowEvent = { type, subject, data: own };
    if (step === undefined) return [journey];
    const done = cells.has('step_completed_at');
    const ofStep = done ? 'journey.step_completed' : 'journey.step_scheduled';
    return [journey, { type: ofStep, subject, data: { step } }];
  },
};
