import { describe, expect, test } from 'vitest';
import { createRedactor, maskText } from './redact.ts';

const redactorOf = (
  redactions: { turn: number; start: number; end: number; kind: string }[],
  name: string | null,
) => {
  const unknown = { contact_name: name };
  return createRedactor({
    call: { ...emptyCall, ...unknown },
    patient: null,
    extraction: {
      extractor_version: '1',
      intent: null,
      intent_confidence: null,
      sentiment: null,
      sentiment_score: null,
      required_fields: 0,
      filled_fields: 0,
      entities: [],
      redactions,
    },
  });
};
const turn = (text: string, turn_index = 0) => ({
  turn_index,
  speaker: 'caller',
  text,
  start_ms: null,
  end_ms: null,
  confidence: null,
});
const none = null;
const emptyCall = {
  id: '',
  source: '',
  external_id: '',
  direction: 'inbound',
  status: none,
  from_number: none,
  to_number: none,
  contact_phone: none,
  contact_name: none,
  contact_date_of_birth: none,
  began_at: new Date(0),
  started_at: none,
  answered_at: none,
  ended_at: none,
  duration_seconds: none,
  end_reason: none,
  language: none,
  agent_id: none,
  agent_name: none,
  agent_version: none,
  transferred_to: none,
  cost_minor: none,
  cost_currency: none,
  outcome: none,
  summary: none,
  audio_score: none,
  transcription_confidence: none,
  latency_ms_p50: none,
  latency_ms_p95: none,
  interruptions: none,
  silence_seconds: none,
  transcript_language: none,
  transcript_engine: none,
  intent: none,
  intent_confidence: none,
  sentiment: none,
  sentiment_score: none,
  analyzed_at: none,
  created_at: new Date(0),
  updated_at: new Date(0),
};

describe('redaction', () => {
  test('spans become their kind; overlapping, touching and overlong ones too', () => {
    const text = 'I am Asha Rao, born in May.';
    const spans = [
      { turn: 0, start: 5, end: 9, kind: 'name' },
      { turn: 0, start: 7, end: 13, kind: 'name' },
      { turn: 0, start: 15, end: 900, kind: 'date_of_birth' },
      { turn: 1, start: 0, end: 4, kind: 'name' },
    ];
    const redacted = redactorOf(spans, null).turn(turn(text));
    expect(redacted).toBe('I am [name], [date_of_birth]');
  });

  test('what was not marked but is known or looks like it', () => {
    const redactor = redactorOf([], 'José Álvarez');
    expect(redactor.turn(turn('josé here, Álvarez, call +91 98123-45678 or a.b@c.example, room 12.'))).toBe(
      '[name] here, [name], call [number] or [email] room 12.',
    );
    expect(redactor.turn(turn('Josefina is another'))).toBe('Josefina is another');
  });

  test.each([
    ['a.b@c.example', '[email]'],
    ['<a@b.co>, "x y@z.in";', '[email] "x [email]'],
    ['a@b.c@d.e@f', '[email]@d.e@f'],
    ['a@b.c@d@e.f', '[email]@[email]'],
    ['a@@b.c a@b a@.c', 'a@@b.c a@b a@.c'],
    ['a@..c', '[email]'],
  ])('mail addresses of %j', (text, expected) => {
    expect(maskText(text, [], [])).toBe(expected);
  });

  // The time-out is no measurement: a pattern that is not linear would take many minutes for these.
  test.each(['a', 'a@', '@', 'a.', '.', 'a@.', '1', '1-', '+', ' ', 'é', '@a.a'])(
    'a turn of a megabyte of nothing but %j keeps nobody waiting',
    { timeout: 60_000 },
    (seed) => {
      const text = seed.repeat(1024 ** 2 / seed.length);
      expect(redactorOf([], 'Asha Rao').turn(turn(text)).length).toBeLessThanOrEqual(1024 ** 2);
    },
  );
});
