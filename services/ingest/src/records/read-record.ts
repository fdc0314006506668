import { isIdentifier } from '@switchboard/domain/facts/statement-parts';
import type { ProblemError } from '@switchboard/platform/problem';
import type { RecordReceived } from '@switchboard/schemas';
import type { z } from 'zod';
import { fieldErrors } from '../fields/field-errors.ts';
import { collectCleared, collectUnknown, type KnownFields, knownFields } from '../fields/unknown-fields.ts';
import * as data from './record-data.ts';

type Kind = 'patient' | 'appointment' | 'journey' | 'message' | 'practitioner' | 'location' | 'schedule';

/** What an event says, beside who sent it and when. */
export type RecordContent = Pick<RecordReceived, Kind | 'step' | 'kind' | 'cleared' | 'extra'>;

/** `warnings`: what is kept, and stands for less than the sender may think. */
export type ReadRecord =
  | { ok: true; content: RecordContent; warnings: ProblemError[] }
  | { ok: false; errors: ProblemError[] };

export interface RecordReader {
  /** Every event type of the contract. */
  types: readonly string[];
  /** What the `data` of a type must be; undefined: it is no type of the contract. */
  dataOf(type: string): z.ZodType | undefined;
  /**
   * Validates what an event says and maps it to ours. Locations of errors begin with `data`.
   *
   * @param type one of `types`
   * @param subject the sender's own id of the record
   * @param said the event's `data`; none is an event that says nothing but its type
   * @param around fields beside `data` that nobody knows, by JSON Pointer, kept with those of `data`
   * @param receivedAt Unix ms; what is dated long after it is refused
   */
  read(
    type: string,
    subject: string,
    said: unknown,
    around: ReadonlyMap<string, unknown>,
    receivedAt: number,
  ): ReadRecord;
}

/** Of one event type. */
interface TypeReader {
  kind: Kind;
  schema: z.ZodType;
  known: KnownFields;
  read(said: object, subject: string): { details: Details } | { issues: readonly z.core.$ZodIssue[] };
  /** Fields without which the type says nothing. */
  needs: readonly string[];
}

type Details = Partial<Pick<RecordReceived, Kind | 'step'>>;

const nothing: Readonly<Pick<RecordReceived, Kind | 'step'>> = {
  patient: null,
  appointment: null,
  journey: null,
  step: null,
  message: null,
  practitioner: null,
  location: null,
  schedule: null,
};

/** Reads what clinics' systems say, whether they push it or send files. */
export function createRecordReader(): RecordReader {
  let now = 0;
  const types = typeReaders(() => now);
  return {
    types: [...types.keys()],
    dataOf: (type) => types.get(type)?.schema,
    read(type, subject, said = {}, around, receivedAt) {
      // Parsing is synchronous: no other event can come between.
      now = receivedAt;
      const reader = types.get(type);
      if (!reader) return { ok: false, errors: [unknownType([...types.keys()])] };
      if (typeof said !== 'object' || said === null) return { ok: false, errors: [noObject] };
      const result = reader.read(said, subject);
      if ('issues' in result) return { ok: false, errors: below(fieldErrors(result.issues, said)) };
      const { kind, known, needs } = reader;
      const errors = [
        ...missing(type, needs, result.details[kind]),
        ...contradictions(kind, subject, said, result.details),
      ];
      if (errors.length > 0) return { ok: false, errors: below(errors) };
      const extra = new Map(around);
      collectUnknown(said, known, extra, '/data');
      return {
        ok: true,
        warnings: below(wordsForCodes(result.details)),
        content: {
          ...nothing,
          ...result.details,
          kind,
          cleared: collectCleared(said, known).filter((path) => !/(^|\.)external_id$/.test(path)),
          extra: extra.size > 0 ? JSON.stringify(Object.fromEntries(extra)) : null,
        },
      };
    },
  };
}

function typeReaders(clock: () => number): ReadonlyMap<string, TypeReader> {
  const patient = reader('patient', data.patientData(clock), (patient, external_id) => ({
    patient: { ...patient, external_id, merged_into: null },
  }));
  const merged = reader('patient', data.mergedPatientData(clock), (patient, external_id) => ({
    patient: { ...patient, external_id },
  }));
  const appointment = reader('appointment', data.appointmentData(clock), (value) => ({ appointment: value }));
  const journey = reader('journey', data.journeyData(clock), (value) => ({ journey: value }));
  const step = reader('journey', data.journeyStepData(clock), ({ step: own, ...value }) => ({
    journey: value,
    step: own,
  }));
  const message = reader('message', data.messageData(clock), (value) => ({ message: value }));
  return new Map<string, TypeReader>([
    ['patient.created', patient],
    ['patient.updated', patient],
    ['patient.merged', { ...merged, needs: ['merged_into'] }],
    ['appointment.booked', { ...appointment, needs: ['start'] }],
    ['appointment.confirmed', appointment],
    ['appointment.rescheduled', { ...appointment, needs: ['start'] }],
    ['appointment.checked_in', appointment],
    ['appointment.completed', appointment],
    ['appointment.cancelled', appointment],
    ['appointment.no_show', appointment],
    ['journey.started', { ...journey, needs: ['journey_type'] }],
    ['journey.step_scheduled', step],
    ['journey.step_completed', step],
    ['journey.paused', journey],
    ['journey.resumed', journey],
    ['journey.completed', journey],
    ['journey.canceled', journey],
    ['message.sent', { ...message, needs: ['channel'] }],
    [
      'practitioner.upserted',
      reader('practitioner', data.practitionerData(), (value) => ({ practitioner: value })),
    ],
    ['location.upserted', reader('location', data.locationData(), (value) => ({ location: value }))],
    [
      'schedule.upserted',
      {
        ...reader('schedule', data.scheduleData(), (value) => ({ schedule: value })),
        needs: ['practitioner'],
      },
    ],
  ]);
}

function reader<T>(
  kind: Kind,
  schema: z.ZodType<T>,
  toDetails: (value: T, subject: string) => Details,
): TypeReader {
  return {
    kind,
    schema,
    known: knownFields(schema),
    needs: [],
    read(said, subject) {
      const parsed = schema.safeParse(said);
      return parsed.success ? { details: toDetails(parsed.data, subject) } : { issues: parsed.error.issues };
    },
  };
}

function missing(type: string, needs: readonly string[], details: object | null = {}): ProblemError[] {
  return needs
    .filter((name) => (Reflect.get(details ?? {}, name) ?? null) === null)
    .map((name) => ({ location: name, message: 'is missing', fix: `Send it: ${type} needs it.` }));
}

/** Two ids for one patient, or a patient that became themselves: which of them is meant can't be guessed. */
function contradictions(kind: Kind, subject: string, said: object, { patient }: Details): ProblemError[] {
  if (kind !== 'patient') return [];
  const own: unknown = Reflect.get(said, 'external_id') ?? '';
  const errors: ProblemError[] = [];
  if (own !== '' && own !== subject)
    errors.push({ location: 'external_id', message: 'is not the subject', fix: 'Leave it out.' });
  if (patient?.merged_into === subject)
    errors.push({
      location: 'merged_into',
      message: 'is the subject itself',
      fix: 'Send the id of the patient that stays.',
    });
  return errors;
}

/** Numbers know kinds and stages by codes alone: a text could tell of a patient. */
function wordsForCodes({ journey, step }: Details): ProblemError[] {
  const codes: [string, string | null | undefined][] = [
    ['journey_type', journey?.journey_type],
    ['stage', journey?.stage],
    ['step.step_type', step?.step_type],
    ['step.stage', step?.stage],
  ];
  return codes.flatMap(([location, text]) =>
    (text ?? null) === null || isIdentifier(String(text)) ? [] : [{ location, ...noCode }],
  );
}

const noCode = {
  message: 'is no code: it is kept, and numbers know it as unknown',
  fix: 'Send at most 64 of the characters a-z, 0-9 and _, e.g. knee_replacement.',
};

function below(errors: readonly ProblemError[]): ProblemError[] {
  return errors.map((error) => ({ ...error, location: `data${error.location && `.${error.location}`}` }));
}

const noObject: ProblemError = {
  location: 'data',
  message: 'is not an object',
  fix: 'Send a JSON object.',
};

function unknownType(types: readonly string[]): ProblemError {
  return { location: 'type', message: 'is not a type of ours', fix: `Send one of: ${types.join(', ')}.` };
}
