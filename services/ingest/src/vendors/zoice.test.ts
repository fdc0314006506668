import type { VoiceCallReceived } from '@switchboard/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../body/parse-json.ts';
import type { VendorEvent } from './vendor.ts';
import { createZoiceAdapter } from './zoice.ts';

const adapter = createZoiceAdapter();
const receivedAt = Date.parse('2026-11-20T05:03:00Z');
const least = { event: 'call.completed', event_id: 'evt_1', call: { id: 'zc_1', direction: 'inbound' } };

const full = {
  ...least,
  occurred_at: '2026-11-20T10:32:11+05:30',
  call: {
    ...least.call,
    from: '+919812345678',
    to: '+912240001234',
    status: 'completed',
    started_at: '2026-11-20T10:29:07+05:30',
    answered_at: '2026-11-20T04:59:09.250Z',
    ended_at: '2026-11-20T10:32:11+05:30',
    duration_seconds: 184,
    end_reason: 'caller_hangup',
    language: 'en-IN',
    agent: { id: 'ag_1', name: 'Asha', version: '3' },
    transferred_to: null,
    cost: { amount: 12.5, currency: 'usd' },
  },
  transcript: {
    language: 'en',
    engine: 'deepgram',
    turns: [
      { index: 1, speaker: 'user', text: 'Tomorrow at four', start_ms: 1900 },
      { index: 0, speaker: 'agent', text: 'Hello', start_ms: 0, end_ms: 1800.4, confidence: 0.97 },
    ],
  },
  recording: {
    url: 'https://rec.example/1.mp3',
    format: 'mp3',
    duration_seconds: 184,
    size_bytes: 2944000,
    sha256: 'ab',
    channels: 1,
  },
  quality: {
    audio_score: 0.93,
    transcription_confidence: 0.95,
    latency_ms_p50: 640,
    latency_ms_p95: 1210,
    interruptions: 1,
    silence_seconds: 9,
  },
  extraction: { intent: 'book_appointment', confidence: 0.91, entities: { date: 'tomorrow' } },
  tool_calls: [
    {
      id: 't1',
      name: 'available-slots',
      requested_at: '2026-11-20T10:30:00+05:30',
      responded_at: '2026-11-20T10:30:01+05:30',
      ok: true,
    },
  ],
  outcome: 'booked',
  summary: 'Booked.',
  metadata: { campaign: 'a' },
};

function event(body: JsonObject): VendorEvent {
  const read = adapter.read(body, receivedAt);
  if (!('event' in read)) throw new Error(JSON.stringify(read));
  return read.event;
}
function errors(body: JsonObject): string[] {
  const read = adapter.read(body, receivedAt);
  return read.ok ? [] : read.errors.map(({ location, message }) => `${location} ${message}`);
}
const extraOf = ({ extra }: Pick<VoiceCallReceived, 'extra'>): unknown => extra && JSON.parse(extra);

describe('a full body', () => {
  it('keeps every field in our names and units', () => {
    expect(event(full)).toMatchInlineSnapshot(`
      {
        "call": {
          "agent_id": "ag_1",
          "agent_name": "Asha",
          "agent_version": "3",
          "answered_at": 1795150749250,
          "cost_currency": "USD",
          "cost_minor": 12.5,
          "direction": "inbound",
          "duration_seconds": 184,
          "end_reason": "caller_hangup",
          "ended_at": 1795150931000,
          "from_number": "+919812345678",
          "language": "en-IN",
          "started_at": 1795150747000,
          "status": "completed",
          "to_number": "+912240001234",
          "transferred_to": null,
        },
        "call_id": "zc_1",
        "event_type": "call.completed",
        "extra": null,
        "metadata": "{"campaign":"a"}",
        "occurred_at": 1795150931000,
        "outcome": "booked",
        "quality": {
          "audio_score": 0.93,
          "interruptions": 1,
          "latency_ms_p50": 640,
          "latency_ms_p95": 1210,
          "silence_seconds": 9,
          "transcription_confidence": 0.95,
        },
        "recording": {
          "channels": 1,
          "duration_seconds": 184,
          "format": "mp3",
          "sha256": "ab",
          "size_bytes": 2944000,
          "url": "https://rec.example/1.mp3",
        },
        "summary": "Booked.",
        "tool_calls": [
          {
            "id": "t1",
            "name": "available-slots",
            "ok": true,
            "requested_at": 1795150800000,
            "responded_at": 1795150801000,
          },
        ],
        "transcript": {
          "engine": "deepgram",
          "language": "en",
          "turns": [
            {
              "confidence": 0.97,
              "end_ms": 1800,
              "index": 0,
              "speaker": "agent",
              "start_ms": 0,
              "text": "Hello",
            },
            {
              "confidence": null,
              "end_ms": null,
              "index": 1,
              "speaker": "caller",
              "start_ms": 1900,
              "text": "Tomorrow at four",
            },
          ],
        },
        "vendor_event_id": "evt_1",
        "vendor_extraction": {
          "confidence": 0.91,
          "entities": "{"date":"tomorrow"}",
          "intent": "book_appointment",
        },
      }
    `);
  });
});

describe('what may be missing', () => {
  it('is everything but four fields', () => {
    expect(event(least)).toMatchObject({ call_id: 'zc_1', occurred_at: null, transcript: null, extra: null });
  });

  it('may be null too, at any place, alone or with others', () => {
    const optional = optionalPaths(full);
    fc.assert(
      fc.property(
        fc.subarray(optional),
        fc.constantFrom<'null' | 'absent' | 'empty'>('null', 'absent', 'empty'),
        (paths, how) => {
          const body = structuredClone<JsonObject>(full);
          for (const path of paths) change(body, path, how);
          expect(errors(body)).toEqual([]);
        },
      ),
    );
  });

  it.each([
    ['event', 'event is missing'],
    ['event_id', 'event_id is missing'],
    ['call.id', 'call.id is missing'],
    ['call.direction', 'call.direction is missing'],
    ['call', 'call is missing'],
  ])('is not %s', (path, message) => {
    const body = structuredClone<JsonObject>(full);
    change(body, path.split('.'), 'absent');
    expect(errors(body)).toEqual([message]);
  });
});

describe('what has a wrong type', () => {
  it.each([
    [{ event: 'call.exploded' }, 'event is not one of the values allowed'],
    [{ event_id: 7 }, 'event_id is not a string'],
    [{ event_id: '' }, 'event_id is too small'],
    [{ event_id: 'x'.repeat(201) }, 'event_id is too big'],
    [{ occurred_at: 'yesterday' }, 'occurred_at is not a time'],
    [{ occurred_at: '2026-11-20T10:32:11' }, 'occurred_at is not a time'],
    [{ occurred_at: '2026-02-30T10:32:11Z' }, 'occurred_at is not a time'],
    [{ occurred_at: 1780000000 }, 'occurred_at is not a string'],
    [{ occurred_at: '1999-12-31T23:59:59Z' }, 'occurred_at is not a plausible time'],
    [{ occurred_at: '2026-11-22T05:03:01Z' }, 'occurred_at is not a plausible time'],
    [{ call: [] }, 'call is not an object'],
    [{ quality: { audio_score: 1.1 } }, 'quality.audio_score is too big'],
    [{ recording: { size_bytes: -1 } }, 'recording.size_bytes is too small'],
    [{ transcript: { turns: [{ speaker: 'agent', text: 5 }] } }, 'transcript.turns[0].text is not a string'],
    [{ metadata: [] }, 'metadata is not valid'],
    [{ tool_calls: [{ name: 'x', ok: 'yes' }] }, 'tool_calls[0].ok is not a boolean'],
  ])('is named, and its value is not repeated: %j', (change, message) => {
    expect(errors({ ...least, ...change })).toEqual([message]);
  });

  it('is told for 20 fields at most', () => {
    const turns = Array.from({ length: 1_000 }, () => ({ speaker: 1 }));
    expect(errors({ ...least, transcript: { turns } })).toHaveLength(20);
  });
});

describe('what our schema does not know', () => {
  it('is kept by its JSON Pointer', () => {
    const body = {
      ...least,
      'new/field~': { deep: [1, null] },
      call: { ...least.call, sip: 'x' },
      transcript: { turns: [{ speaker: 'agent', text: 'a', words: ['a'] }] },
    };
    expect(extraOf(event(body))).toEqual({
      '/new~1field~0': { deep: [1, null] },
      '/call/sip': 'x',
      '/transcript/turns/0/words': ['a'],
    });
  });

  it('is kept whatever it is called', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }), (unknown) => {
        const known = Object.fromEntries(Object.entries(unknown).filter(([key]) => !(key in full)));
        const kept = extraOf(event({ ...known, ...least })) ?? {};
        const expected = Object.entries(known).map(([key, value]) => [
          `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          value,
        ]);
        expect(kept).toEqual(JSON.parse(JSON.stringify(Object.fromEntries(expected))));
      }),
    );
  });

  it('holds words that we translate', () => {
    const body = {
      ...least,
      outcome: 'Appointment Booked',
      call: { ...least.call, end_reason: 'customer-ended-call', status: 'ended' },
    };
    const read = event(body);
    expect([read.outcome, read.call.end_reason, read.call.status]).toEqual([
      'booked',
      'caller_hangup',
      'completed',
    ]);
    expect(extraOf(read)).toEqual({
      '/outcome': 'Appointment Booked',
      '/call/end_reason': 'customer-ended-call',
      '/call/status': 'ended',
    });
  });

  it('holds turns without speaker or text, recordings without URL and tool calls without name', () => {
    const read = event({
      ...least,
      transcript: {
        turns: [
          { speaker: 'agent', text: 'a' },
          { text: 'b', start_ms: 3 },
          { speaker: 'parrot', text: 'c' },
        ],
      },
      recording: { format: 'mp3' },
      tool_calls: [{ id: 't1' }],
    });
    expect(read.transcript?.turns.map(({ text }) => text)).toEqual(['a']);
    expect([read.recording, read.tool_calls]).toEqual([null, null]);
    expect(extraOf(read)).toEqual({
      '/transcript/turns/1/text': 'b',
      '/transcript/turns/1/start_ms': 3,
      '/transcript/turns/2/speaker': 'parrot',
      '/transcript/turns/2/text': 'c',
      '/recording/format': 'mp3',
      '/tool_calls/0/id': 't1',
    });
  });
});

describe('empty shells', () => {
  it.each([
    [{ transcript: { turns: [] } }],
    [{ transcript: {} }],
    [{ tool_calls: [] }],
    [{ extraction: {} }],
    [{ extraction: { intent: '', confidence: null, entities: {} } }],
    [{ metadata: {} }],
    [{ transcript: null, tool_calls: null, extraction: null, metadata: null }],
  ])('say nothing: %j', (shell) => {
    expect(event({ ...least, ...shell })).toEqual(event(least));
  });

  it('keep in extra what they hold besides', () => {
    const read = event({
      ...least,
      transcript: { language: 'en', engine: 'deepgram', turns: [{ speaker: 'parrot', text: 'c' }] },
      extraction: { confidence: 0.4, entities: {} },
    });
    expect([read.transcript, read.vendor_extraction]).toEqual([null, null]);
    expect(extraOf(read)).toEqual({
      '/transcript/turns/0/speaker': 'parrot',
      '/transcript/turns/0/text': 'c',
      '/transcript/language': 'en',
      '/transcript/engine': 'deepgram',
      '/extraction/confidence': 0.4,
    });
  });
});

describe('turns', () => {
  it('never share a position, whatever indexes came', () => {
    const index = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(index), (indexes) => {
        const turns = indexes.map((one) => ({ index: one, speaker: 'caller', text: 'a' }));
        const positions =
          event({ ...least, transcript: { turns } }).transcript?.turns.map((turn) => turn.index) ?? [];
        expect(new Set(positions).size).toBe(indexes.length);
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      }),
    );
  });
});

type Path = (string | number)[];

function optionalPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    const required = ['event', 'event_id', 'call', 'call.id', 'call.direction'].includes(at.join('.'));
    return [...(required || Array.isArray(value) ? [] : [at]), ...optionalPaths(member, at)];
  });
}

function change(body: JsonObject, path: Path, how: 'null' | 'absent' | 'empty'): void {
  let parent: unknown = body;
  for (const part of path.slice(0, -1)) parent = Object(parent)[part];
  const last = path.at(-1) ?? '';
  if (typeof parent !== 'object' || parent === null || !(last in parent)) return;
  if (how === 'absent') Reflect.deleteProperty(parent, last);
  else
    Reflect.set(parent, last, how === 'empty' && typeof Reflect.get(parent, last) === 'string' ? '' : null);
}
