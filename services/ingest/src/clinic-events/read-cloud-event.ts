import type { ProblemError } from '@switchboard/platform/problem';
import { z } from 'zod';
import { isJsonObject } from '../body/parse-json.ts';
import { fieldErrors } from '../fields/field-errors.ts';
import { type Clock, requiredId, requiredInstant, text } from '../fields/fields.ts';
import { collectUnknown, knownFields } from '../fields/unknown-fields.ts';
import type { RecordContent, RecordReader } from '../records/read-record.ts';

/** A valid CloudEvent of a clinic's system. */
export interface ClinicEvent {
  id: string;
  source: string;
  type: string;
  subject: string;
  /** Unix ms. */
  time: number;
  /** W3C Trace Context, where the event carries its own (the extension "distributed tracing"). */
  traceparent: string | null;
  content: RecordContent;
}

/** `warnings`: what is taken, and stands for less than the sender may think. */
export type ReadClinicEvent =
  | { ok: true; event: ClinicEvent; warnings: ProblemError[] }
  | { ok: false; errors: ProblemError[] };

/** Reads one CloudEvent, as JSON has it. @param receivedAt Unix ms */
export type ReadCloudEvent = (value: unknown, receivedAt: number) => ReadClinicEvent;

/**
 * Reads CloudEvents 1.0 (https://github.com/cloudevents/spec, JSON format 1.0). `subject` and `time`, which the
 * specification leaves free, must be there: they say which record changed, and when.
 */
export function createReadCloudEvent(records: RecordReader): ReadCloudEvent {
  let now = 0;
  const envelope = cloudEvent(records.types, () => now);
  const known = knownFields(envelope);
  return function readCloudEvent(value, receivedAt) {
    now = receivedAt;
    if (!isJsonObject(value)) return { ok: false, errors: [noObject] };
    const parsed = envelope.safeParse(value);
    const errors = parsed.success ? [] : fieldErrors(parsed.error.issues, value);
    const { type, subject, data } = value;
    const around = new Map<string, unknown>();
    collectUnknown(value, known, around);
    // What is wrong with the data is told with what is wrong around it, in one go.
    const read = records.read(String(type), String(subject), data ?? undefined, around, receivedAt);
    if (!read.ok) errors.push(...read.errors.filter(({ location }) => location !== 'type'));
    if (!parsed.success || !read.ok) return { ok: false, errors };
    const { id, source, time, traceparent } = parsed.data;
    const event = { ...parsed.data, id, source, time: Date.parse(time), traceparent: traceparent ?? null };
    return { ok: true, event: { ...event, content: read.content }, warnings: read.warnings };
  };
}

/** A CloudEvent of one of these types; what its data must be depends on the type. */
export const cloudEvent = (types: readonly string[], clock: Clock) =>
  z.object({
    specversion: z.literal('1.0'),
    id: requiredId(),
    source: z.string().min(1).max(500),
    type: z.enum(types),
    subject: requiredId().check(({ value, issues }) => {
      if (value.trim() === '') issues.push({ code: 'custom', input: value, message: 'is blank' });
    }),
    time: requiredInstant(clock),
    datacontenttype: z.string().check(saysJson).nullish(),
    dataschema: text(2_000),
    data_base64: z.custom<null | undefined>((value) => (value ?? null) === null, notTaken).optional(),
    traceparent: text(200),
    data: z.unknown().optional(),
  });

const noObject: ProblemError = { location: '', message: 'is not an object', fix: 'Send a CloudEvent.' };

const notTaken = { message: 'is not taken', params: { fix: 'Send data, a JSON object.' } };

const saysJson: z.core.CheckFn<string> = ({ value, issues }) => {
  if (/^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(value)) return;
  const params = { fix: 'Send application/json, or leave it out.' };
  issues.push({ code: 'custom', input: value, message: 'is not JSON', params });
};
