import type { Call, VoiceCallEnriched, VoiceCallReceived } from '@switchboard/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MergedCall, mergeCallEvent } from './merge-call.ts';

const at = Date.parse('2026-11-20T05:00:00Z');

/** An event with only what every event has; `parts` say more. */
function event(
  id: string,
  event_type: string,
  { call, ...parts }: Partial<Omit<VoiceCallReceived, 'call'>> & { call?: Partial<Call> } = {},
): VoiceCallEnriched {
  const received: VoiceCallReceived = {
    event_id: id,
    tenant_id: '0190d5f0-0000-7000-8000-000000000001',
    source: 'zoice',
    vendor_event_id: id,
    event_type,
    call_id: 'zc_1',
    occurred_at: at,
    received_at: at,
    transcript: null,
    recording: null,
    quality: null,
    vendor_extraction: null,
    tool_calls: null,
    outcome: null,
    summary: null,
    metadata: null,
    extra: null,
    ...parts,
    call: { ...nothingSaid, ...call },
  };
  return {
    event_id: id,
    extractor_version: 'test-1',
    event: received,
    contact_phone: null,
    clinic_phone: null,
    language: null,
    analysis: null,
    contact_name: null,
    contact_date_of_birth: null,
    candidates: [],
  };
}

const nothingSaid: Call = {
  direction: 'inbound',
  from_number: null,
  to_number: null,
  status: null,
  started_at: null,
  answered_at: null,
  ended_at: null,
  duration_seconds: null,
  end_reason: null,
  language: null,
  agent_id: null,
  agent_name: null,
  agent_version: null,
  transferred_to: null,
  cost_minor: null,
  cost_currency: null,
};

function merge(events: readonly VoiceCallEnriched[]): MergedCall['fields'] {
  const merged = events.reduce<MergedCall | undefined>((call, one) => mergeCallEvent(call, one), undefined);
  if (!merged) throw new Error('no events');
  return merged.fields;
}

/** What the events end in, which no order changes. */
function inAnyOrder(...events: VoiceCallEnriched[]): MergedCall['fields'] {
  const expected = merge(events);
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
      expect(merge(shuffled)).toEqual(expected);
    }),
  );
  return expected;
}

describe('the status', () => {
  const started = event('s', 'call.started');
  const ringing = event('s', 'call.started', { call: { status: 'ringing' } });

  it('that was said holds against what only follows from a later event', () => {
    const missed = event('m', 'call.completed', { call: { status: 'no_answer' } });
    const cost = event('c', 'call.completed', { occurred_at: at + 5_000, call: { cost_minor: 1 } });
    expect(inAnyOrder(missed, cost).status).toBe('no_answer');
  });

  it('is of a call that ended, though call.completed never comes', () => {
    const ended = event('a', 'call.analyzed', {
      call: { ended_at: at + 200_000, end_reason: 'caller_hangup' },
    });
    expect(inAnyOrder(started, ended).status).toBe('completed');
    expect(inAnyOrder(ringing, event('r', 'recording.ready')).status).toBe('completed');
    expect(inAnyOrder(started, event('s2', 'call.started', { call: { ended_at: at } })).status).toBe(
      'completed',
    );
    expect(inAnyOrder(started, event('s2', 'call.started', { call: { end_reason: 'error' } })).status).toBe(
      'completed',
    );
  });

  it('is of a call that ended, even if its start comes last and says another', () => {
    expect(inAnyOrder(ringing, event('c', 'call.completed')).status).toBe('completed');
    const late = event('s', 'call.started', { occurred_at: at + 9_000, call: { status: 'in_progress' } });
    expect(inAnyOrder(late, event('c', 'call.completed')).status).toBe('completed');
    const odd = event('c', 'call.completed', { call: { status: 'in_progress' } });
    expect(inAnyOrder(started, odd).status).toBe('completed');
  });

  it('of a failed call is failed, whatever comes for it later', () => {
    const failed = event('f', 'call.failed');
    const analyzed = event('a', 'call.analyzed', { occurred_at: at + 9_000 });
    expect(inAnyOrder(started, failed, analyzed).status).toBe('failed');
  });

  it('of a call that began is in progress, and ringing where that was said', () => {
    expect(inAnyOrder(started).status).toBe('in_progress');
    expect(inAnyOrder(started, event('r', 'call.started', { call: { status: 'ringing' } })).status).toBe(
      'ringing',
    );
  });
});

describe('an empty shell in a later event', () => {
  it('erases nothing of what was said', () => {
    const full = event('e1', 'call.completed', {
      transcript: {
        language: 'en',
        engine: 'a',
        turns: [{ index: 0, speaker: 'caller', text: 'Hi', start_ms: null, end_ms: null, confidence: null }],
      },
      tool_calls: [{ id: 't', name: 'book-appointment', requested_at: null, responded_at: null, ok: true }],
      vendor_extraction: { intent: 'book_appointment', confidence: 0.9, entities: '{"a":1}' },
      metadata: '{"campaign":"a"}',
    });
    const shells = event('e2', 'call.analyzed', {
      occurred_at: at + 60_000,
      transcript: { language: null, engine: null, turns: [] },
      tool_calls: [],
      vendor_extraction: { intent: null, confidence: null, entities: '{}' },
      metadata: '{}',
    });
    const { transcript, tool_calls, vendor_extraction, metadata } = inAnyOrder(full, shells);
    expect([transcript, tool_calls, vendor_extraction, metadata]).toEqual([
      expect.objectContaining({ transcript: full.event.transcript }),
      full.event.tool_calls,
      full.event.vendor_extraction,
      full.event.metadata,
    ]);
  });
});

it.each([
  ['inbound', { from_number: '+919812345678', to_number: '+912240001234' }],
  ['outbound', { from_number: '+912240001234', to_number: '+919812345678' }],
] as const)(
  'numbers of an %s call are kept in E.164, and what is none as it was written',
  (direction, kept) => {
    const call = { direction, from_number: '098123 45678', to_number: 'anonymous' };
    const told = { ...event('1', 'call.completed', { call }), contact_phone: '+919812345678' };
    expect(merge([{ ...told, clinic_phone: '+912240001234' }])).toMatchObject(kept);
    const none = merge([{ ...told, contact_phone: null }]);
    expect([none.from_number, none.to_number]).toEqual(['098123 45678', 'anonymous']);
  },
);

describe('the cost', () => {
  const costing = (id: string, seconds: number, cost_minor: number | null, cost_currency: string | null) =>
    event(id, 'call.completed', { occurred_at: at + seconds * 1_000, call: { cost_minor, cost_currency } });

  it('is of the currency that its amount was told in, or of none', () => {
    const dollars = costing('a', 0, 12, 'USD');
    const bare = costing('b', 1, 900, null);
    const { cost_minor, ...fields } = inAnyOrder(dollars, bare);
    expect([cost_minor, 'cost_currency' in fields]).toEqual([900, false]);
    expect(inAnyOrder(dollars, bare, costing('c', 2, 700, 'INR'))).toMatchObject({
      cost_minor: 700,
      cost_currency: 'INR',
    });
    expect(inAnyOrder(dollars, costing('d', 3, null, 'INR'))).toMatchObject({
      cost_minor: 12,
      cost_currency: 'USD',
    });
  });
});
