import type { NamedReference, PatientDetails, RecordReceived } from '@switchboard/schemas';
import { parseExactJson } from '../exact-json.ts';
import { type EventMeaning, meaningOf, stepMeaningOf } from './record-events.ts';
import { emptyState, type FieldStates, type Held, type RecordState } from './record-state.ts';

export type RecordKind =
  | 'patient'
  | 'appointment'
  | 'journey'
  | 'step'
  | 'message'
  | 'practitioner'
  | 'location'
  | 'schedule';

/** What one event says of one record. A record that is not there yet begins with it, however little it says. */
export interface RecordStatement {
  kind: RecordKind;
  /** The sender's own id of the record. */
  externalId: string;
  /** Of a step: the sender's id of its journey. */
  journeyId: string | null;
  /** To be joined with what is known (`mergeStates`). */
  state: RecordState;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What an event says, record by record: first of its own, then of the step it carries, then of the patient,
 * practitioners and locations that it names, which it may be the first to name. A name that stands beside a reference
 * is `reference_name` there, so that it never replaces the name that the record's own events give.
 */
export function statementsOf(event: RecordReceived): RecordStatement[] {
  const kind = kindOf(event.kind);
  if (kind === undefined) return [];
  const details = event[kind] ?? {};
  const meaning = meaningOf(event.event_type);
  const { rank } = meaning;
  const own: RecordStatement = {
    kind,
    externalId: event.external_id,
    journeyId: null,
    state: {
      fields: hold(event, rank, { ...implied(event, meaning), ...told(details, event.cleared, '') }),
      extra: hold(event, rank, extraOf(event)),
      moves: hold(event, rank, movesOf(event)),
    },
  };
  return [own, ...stepOf(event), ...patientIn(event, details), ...referencesIn(event, details)];
}

const kinds = [
  'patient',
  'appointment',
  'journey',
  'message',
  'practitioner',
  'location',
  'schedule',
] as const;

function kindOf(kind: string): (typeof kinds)[number] | undefined {
  return kinds.find((one) => one === kind);
}

/** What follows from the type alone. */
function implied({ occurred_at }: RecordReceived, { status, at }: EventMeaning): Fields {
  return { ...(status && { status }), ...(at && occurred_at !== null && { [at]: occurred_at }) };
}

/** What is said of a record itself: not what is null, unless the sender emptied it; of its patient the id alone. */
function told(details: object, cleared: readonly string[], prefix: string): Fields {
  const entries: [string, unknown][] = Object.entries(details);
  const said = entries.filter(
    ([name, value]) => value !== null && name !== 'patient' && name !== 'external_id',
  );
  const emptied = cleared
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length))
    .filter((name) => name in details && !name.includes('.'));
  const patient = patientOf(details);
  return {
    ...Object.fromEntries([...said, ...emptied.map((name): [string, unknown] => [name, null])]),
    ...(patient ? patientFields(patient) : emptied.includes('patient') && noPatient),
  };
}

const noPatient = { patient: null, patient_external_id: null };

/** A patient without an id is known to this record alone, until somebody is found who it is. */
function patientFields(patient: PatientDetails): Fields {
  const { external_id } = patient;
  return external_id === null
    ? { ...noPatient, patient }
    : { ...noPatient, patient_external_id: external_id };
}

function stepOf(event: RecordReceived): RecordStatement[] {
  const { step } = event;
  if (step === null) return [];
  const meaning = stepMeaningOf(event.event_type);
  const fields = { ...implied(event, meaning), ...told(step, event.cleared, 'step.') };
  return [
    {
      kind: 'step',
      externalId: step.external_id,
      journeyId: event.external_id,
      state: { ...emptyState, fields: hold(event, meaning.rank, fields) },
    },
  ];
}

/** What another record's event says of its patient counts below the patient's own events of that time. */
function patientIn(event: RecordReceived, details: object): RecordStatement[] {
  const patient = patientOf(details);
  if (!patient?.external_id) return [];
  const fields = hold(event, 0, told(patient, event.cleared, 'patient.'));
  return [statement('patient', patient.external_id, fields)];
}

function referencesIn(event: RecordReceived, details: object): RecordStatement[] {
  return [
    ...namedIn(details, 'practitioner').map((reference) => ['practitioner', reference] as const),
    ...namedIn(details, 'location').map((reference) => ['location', reference] as const),
    ...(event.practitioner?.locations ?? []).map((reference) => ['location', reference] as const),
  ].flatMap(([kind, { external_id, name }]) =>
    external_id === null
      ? []
      : [statement(kind, external_id, hold(event, 0, name === null ? {} : { reference_name: name }))],
  );
}

function statement(kind: RecordKind, externalId: string, fields: FieldStates): RecordStatement {
  return { kind, externalId, journeyId: null, state: { ...emptyState, fields } };
}

function patientOf(details: { patient?: PatientDetails | null }): PatientDetails | null {
  return details.patient ?? null;
}

function namedIn(
  details: { practitioner?: NamedReference | null; location?: NamedReference | null },
  name: 'practitioner' | 'location',
): NamedReference[] {
  const reference = details[name];
  return reference ? [reference] : [];
}

/** The new time of a move; one that does not say it is no move that can be counted. */
function movesOf({ event_type, event_id, appointment }: RecordReceived) {
  const start = appointment?.start ?? null;
  return event_type === 'appointment.rescheduled' && start !== null ? { [event_id]: { start } } : {};
}

function extraOf({ extra }: RecordReceived): Record<string, string> {
  if (extra === null) return {};
  const members: [string, unknown][] = Object.entries(Object(parseExactJson(extra)));
  return Object.fromEntries(members.map(([pointer, value]) => [pointer, JSON.stringify(value)]));
}

function hold<T>(event: RecordReceived, rank: number, values: Readonly<Record<string, T>>): FieldStates<T> {
  const source = `${event.source} ${event.origin}`;
  const held = (value: T): Held<T> => ({
    value,
    time: event.occurred_at,
    rank,
    id: event.event_id,
    received: event.received_at,
  });
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { [source]: held(value) }]));
}
