import type { NamedReference, PatientDetails, RecordReceived } from '@switchboard/schemas';
import { parseExactJson } from '../exact-json.ts';
import { meaningOf, saidBy, stepMeaningOf } from './record-events.ts';
import { emptyState, type FieldStates, type Held, type Move, type RecordState } from './record-state.ts';

export type RecordKind =
  | 'patient'
  | 'appointment'
  | 'journey'
  | 'step'
  | 'message'
  | 'practitioner'
  | 'location'
  | 'appointment_type'
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
      fields: hold(
        event,
        rank,
        saidBy(event, meaning, { ...lengthOf(event), ...told(details, event.cleared, '') }),
      ),
      extra: hold(event, rank, extraOf(event)),
      moves: { ...hold(event, rank, movesOf(event)), ...pausesOf(event, rank) },
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

/** How long an appointment is, ms: who moves its start alone moves its end with it. */
function lengthOf({ appointment }: RecordReceived): Fields {
  const { start = null, end = null } = appointment ?? {};
  return start !== null && end !== null ? { length: end - start } : {};
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
  const fields = saidBy(event, meaning, told(step, event.cleared, 'step.'));
  return [
    {
      kind: 'step',
      externalId: step.external_id,
      journeyId: event.external_id,
      state: { ...emptyState, fields: hold(event, meaning.rank, fields) },
    },
    ...(step.appointment === null ? [] : [statement('appointment', step.appointment, {})]),
  ];
}

/**
 * What another record's event says of its patient counts below the patient's own events of that time. A patient without
 * an id is one of this record's own.
 */
function patientIn(event: RecordReceived, details: object): RecordStatement[] {
  const patient = patientOf(details);
  const key = patient && patientKey(patient, event.kind, event.external_id);
  const into = event.patient?.merged_into ?? null;
  return [
    ...(patient && key !== null
      ? [statement('patient', key, hold(event, 0, told(patient, event.cleared, 'patient.')))]
      : []),
    ...(into === null ? [] : [statement('patient', into, {})]),
  ];
}

/**
 * By what a record's patient is known: the sender's id, or, where it gives none, the record whose patient it is. Null:
 * nothing is said by which anybody could be known.
 */
export function patientKey(patient: PatientDetails, kind: string, externalId: string): string | null {
  const { external_id, first_name, last_name, full_name, phones } = patient;
  if (external_id !== null) return external_id;
  const somebody = first_name ?? last_name ?? full_name ?? phones?.[0] ?? null;
  return somebody === null ? null : `of ${kind} ${externalId}`;
}

/** By what a practitioner, place or kind of visit is known: the sender's id, or else the name; null: by nothing. */
export function referenceKey({ external_id, name }: NamedReference): string | null {
  if (external_id !== null) return external_id;
  const plain = plainName(name);
  return plain === null ? null : `${namedPrefix}${plain}`;
}

/** A name without case and needless spaces; null: none. */
export function plainName(name: string | null | undefined): string | null {
  return name?.trim().replace(/\s+/g, ' ').toLowerCase() || null;
}

/** What the keys begin with of those who are known by their name alone. */
export const namedPrefix = 'named ';

function referencesIn(event: RecordReceived, details: Referring): RecordStatement[] {
  const { department = null } = details;
  const zone = event.schedule?.time_zone ?? null;
  const references: [RecordKind, NamedReference | null | undefined, Fields][] = [
    ['practitioner', details.practitioner, department === null ? {} : { reference_department: department }],
    ['location', details.location, zone === null ? {} : { reference_time_zone: zone }],
    ['appointment_type', details.appointment_type, {}],
    ...(event.schedule?.rules ?? [])
      .flatMap((rule) => rule.appointment_types)
      .map((one): [RecordKind, NamedReference, Fields] => ['appointment_type', one, {}]),
    ...(event.practitioner?.locations ?? []).map((one): [RecordKind, NamedReference, Fields] => [
      'location',
      one,
      {},
    ]),
  ];
  return references.flatMap(([kind, reference, said]) => {
    const key = reference ? referenceKey(reference) : null;
    if (!reference || key === null) return [];
    const { name } = reference;
    const fields = hold(event, 0, { ...said, ...(name !== null && { reference_name: name }) });
    return [statement(kind, key, fields)];
  });
}

/** What the details of any kind may refer to. */
interface Referring {
  practitioner?: NamedReference | null;
  location?: NamedReference | null;
  appointment_type?: NamedReference | null;
  department?: string | null;
}

function statement(kind: RecordKind, externalId: string, fields: FieldStates): RecordStatement {
  return { kind, externalId, journeyId: null, state: { ...emptyState, fields } };
}

function patientOf(details: { patient?: PatientDetails | null }): PatientDetails | null {
  return details.patient ?? null;
}

/** What is counted: the new time of a move (one that does not say it can't be). */
function movesOf({ event_type, event_id, source, appointment }: RecordReceived): Record<string, Move> {
  const start = appointment?.start ?? null;
  const from = appointment?.moved_from_start ?? null;
  // A file has one row for an appointment, whatever became of it after its move.
  const isMove =
    event_type === 'appointment.rescheduled' || (source === 'import' && from !== null && from !== start);
  if (isMove && start !== null) return { [event_id]: { start } };
  return {};
}

/** A pause, and that it went on: by rank, since files may know the day alone. They have one row, whatever became of it after its pause. */
function pausesOf(event: RecordReceived, rank: number): FieldStates<Move> {
  const { event_type, event_id, source, journey } = event;
  const { paused_at = null, resumed_at = null } = (source === 'import' ? journey : null) ?? {};
  const paused = event_type === 'journey.paused';
  const time = paused ? paused_at : event_type === 'journey.resumed' ? resumed_at : undefined;
  const turn = (name: 'paused' | 'resumed', occurred_at: number | null) =>
    occurred_at === null
      ? {}
      : hold({ ...event, occurred_at }, meaningOf(`journey.${name}`).rank, {
          [`${event_id} ${name}`]: { paused: name === 'paused' },
        });
  return {
    ...(time === null && hold(event, rank, { [event_id]: { paused } })),
    ...turn('paused', paused_at),
    ...turn('resumed', resumed_at),
  };
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
