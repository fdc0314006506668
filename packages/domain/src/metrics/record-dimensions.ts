import type { FactDefinition } from '../facts/fact-definition.ts';
import type { MetricCategory } from './definition.ts';

export interface RecordDimension {
  id: string;
  label: string;
  definition: string;
  /** Column of the facts that have it. */
  column: string;
  /** An entity may have several values, and then counts under each. */
  several?: boolean;
}

const dimension = (id: string, label: string, definition: string, column = id): RecordDimension => ({
  id,
  label,
  definition,
  column,
});

const channel = dimension('channel', 'Channel', 'Where it came from: voice, WhatsApp, the web, the desk.');
const practitioner = dimension('practitioner', 'Practitioner', 'Whose it is.', 'practitioner_id');
const department = dimension('department', 'Department', 'The department it belongs to.', 'department_id');
const hour = dimension('hour', 'Hour of the day', 'The hour on the clinic’s clocks.', 'local_hour');
const weekday = dimension('weekday', 'Weekday', 'The day of the week at the clinic.', 'local_weekday');

const byCategory: Readonly<Partial<Record<MetricCategory, readonly RecordDimension[]>>> = {
  appointments: [
    channel,
    practitioner,
    department,
    dimension('location', 'Location', 'Where it takes place.', 'location_id'),
    dimension('appointment_type', 'Kind of appointment', 'The kind, as the clinic names it.'),
    dimension('status', 'Status', 'How far the appointment has come.'),
    hour,
    weekday,
  ],
  journeys: [
    dimension('journey_type', 'Kind of journey', 'The treatment that the journey is of.'),
    department,
    practitioner,
    dimension('step', 'Step', 'The step of the journey.'),
    dimension('stage', 'Stage', 'The stage of the journey that the step is of.'),
  ],
  communication: [
    dimension('channel', 'Channel', 'By which they are in touch: voice, WhatsApp, SMS, email.'),
    dimension('direction', 'Direction', 'In from patients, or out to them.'),
    dimension('intent', 'Intent', 'What the other party wanted.'),
    dimension('sentiment', 'Sentiment', 'The other party’s tone, by what was written.'),
    dimension('language', 'Language', 'The language written or spoken, as a BCP 47 tag.'),
    dimension('assignee', 'Assignee', 'The member of staff that it is given to.', 'assignee_id'),
    { ...dimension('label', 'Label', 'A label that the clinic gave it.', 'labels'), several: true },
    hour,
    weekday,
  ],
};

const everywhere = ['local_hour', 'local_weekday'];

/** The dimensions of a category that all of these facts have; none where there are no facts. */
export function dimensionsOf(
  category: MetricCategory,
  facts: readonly FactDefinition[],
): readonly RecordDimension[] {
  if (facts.length === 0) return [];
  return (byCategory[category] ?? []).filter(({ column }) =>
    facts.every((fact) => everywhere.includes(column) || column in fact.dimensions),
  );
}
