import { createHash } from 'node:crypto';
import type { Quality, Recording, Turn } from '@switchboard/schemas';
import type { JsonObject } from '../body/parse-json.ts';
import { orNull, textOf } from '../fields/fields.ts';

/** By JSON Pointer, what our schema has no place for. */
export type Extra = Map<string, unknown>;

/** Words that vendors and the models behind them use for who speaks. */
const speakers: ReadonlyMap<string, Turn['speaker']> = new Map([
  ...['agent', 'assistant', 'ai', 'bot'].map((word) => [word, 'agent'] as const),
  ...['caller', 'customer', 'user', 'human', 'patient'].map((word) => [word, 'caller'] as const),
]);

/** Who speaks, in our words; undefined of anybody else. */
export function speakerOf(word: string | null | undefined): Turn['speaker'] | undefined {
  return speakers.get(word?.toLowerCase() ?? '');
}

/** Our word for the vendor's, which is kept where it was another. */
export function toOurs(
  sent: string | null | undefined,
  translate: (word: string | null) => string | null,
  pointer: string,
  extra: Extra,
): string | null {
  const word = textOf(sent);
  const ours = translate(word);
  if (ours !== word) extra.set(pointer, word);
  return ours;
}

export function keepFilled(pointer: string, fields: Record<string, unknown>, extra: Extra): void {
  for (const [name, value] of Object.entries(fields))
    if (value !== null && value !== undefined) extra.set(`${pointer}/${name}`, value);
}

/** An object without members says nothing. */
export function toJson(value: Record<string, unknown> | null | undefined): string | null {
  return value && Object.keys(value).length > 0 ? JSON.stringify(value) : null;
}

export function extraOf(extra: Extra): string | null {
  return extra.size > 0 ? JSON.stringify(Object.fromEntries(extra)) : null;
}

/**
 * The id of an event whose vendor gives it none: call, type and what the body says. A delivery that is repeated has the
 * same, and two events of one type that say something else have two.
 */
export function idOfBody(callId: string, type: string, body: JsonObject): string {
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  return `${callId}:${type}:${digest}`;
}

/** A recording of which only the address and the length are told. */
export function recordingOf(url: string | null | undefined, seconds: number | null): Recording | null {
  if (!url) return null;
  return { url, format: null, duration_seconds: seconds, size_bytes: null, sha256: null, channels: null };
}

/** A quality of which only how long the agent took to answer is told, milliseconds. */
export function latencyOnly(p50: number | null | undefined, p95: number | null | undefined): Quality {
  return {
    audio_score: null,
    transcription_confidence: null,
    latency_ms_p50: orNull(p50),
    latency_ms_p95: orNull(p95),
    interruptions: null,
    silence_seconds: null,
  };
}

/** The text of a value that may be anything. */
export function wordOf(value: unknown): string | null {
  return typeof value === 'string' ? textOf(value) : null;
}

/** Whether a body names its type, and that is none of ours. */
export function isOther(type: unknown, ours: Pick<ReadonlySet<unknown>, 'has'>): boolean {
  return typeof type === 'string' && type !== '' && !ours.has(type);
}
