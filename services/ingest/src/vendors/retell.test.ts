import { sign } from 'retell-sdk';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../body/parse-json.ts';
import { checkClaims, readClaims } from '../signatures/check-signatures.ts';
import { createSigningSecret } from '../signatures/secrets.ts';
import { createRetellAdapter } from './retell.ts';
import type { VendorEvent } from './vendor.ts';

const adapter = createRetellAdapter();
const startedAt = 1_795_150_747_123;
const receivedAt = startedAt + 240_000;

const call = {
  call_type: 'phone_call',
  call_id: 'Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6',
  agent_id: 'oBeDLoLOeuAbiuaMFXRtDOLriTJ5tSxD',
  agent_name: 'Asha',
  agent_version: 3,
  call_status: 'ended',
  direction: 'inbound',
  from_number: '+919812345678',
  to_number: '+912240001234',
  metadata: { campaign: 'autumn' },
  start_timestamp: startedAt,
  end_timestamp: startedAt + 184_500,
  duration_ms: 184_500,
  disconnection_reason: 'user_hangup',
  transcript: 'Agent: Hello …',
  transcript_object: [
    { role: 'agent', content: 'Hello', words: [{ word: 'Hello', start: 0.1, end: 0.7 }] },
    {
      role: 'user',
      content: 'Tomorrow at four',
      words: [
        { word: 'Tomorrow', start: 2.1, end: 2.6 },
        { word: 'four', start: 3, end: 3.4 },
      ],
    },
    { role: 'transfer_target', content: 'Front desk', words: [] },
  ],
  transcript_with_tool_calls: [
    { role: 'agent', content: 'Hello', words: [] },
    { role: 'tool_call_invocation', tool_call_id: 'tc_1', name: 'available-slots', arguments: '{}' },
    { role: 'tool_call_result', tool_call_id: 'tc_1', content: '{}', successful: true },
  ],
  recording_url: 'https://recordings.example/1/recording.wav?sig=x',
  latency: { e2e: { p50: 640, p90: 900, p95: 1_210.4, values: [640] } },
  call_cost: {
    combined_cost: 12.5,
    product_costs: [],
    total_duration_seconds: 185,
    total_duration_unit_price: 0.06,
  },
};
const analysis = {
  call_summary: 'Ravi booked.',
  user_sentiment: 'Positive',
  in_voicemail: false,
  custom_analysis_data: { intent: 'book_appointment', outcome: 'booked' },
};

function event(name: string, more: JsonObject = {}): VendorEvent {
  const read = adapter.read({ event: name, call: { ...call, ...more } }, receivedAt);
  if (!('event' in read)) throw new Error(JSON.stringify(read));
  return read.event;
}

describe('call_ended', () => {
  it('is the call in our names and units', () => {
    const { extra, vendor_event_id: id, ...rest } = event('call_ended');
    expect(id).toMatch(/^Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6:call_ended:[\w-]{43}$/);
    expect(rest).toEqual({
      event_type: 'call.completed',
      call_id: call.call_id,
      occurred_at: startedAt + 184_500,
      call: {
        direction: 'inbound',
        from_number: '+919812345678',
        to_number: '+912240001234',
        status: 'completed',
        started_at: startedAt,
        answered_at: null,
        ended_at: startedAt + 184_500,
        duration_seconds: 184.5,
        end_reason: 'caller_hangup',
        language: null,
        agent_id: call.agent_id,
        agent_name: 'Asha',
        agent_version: '3',
        transferred_to: null,
        cost_minor: 12.5,
        cost_currency: 'USD',
      },
      transcript: {
        language: null,
        engine: null,
        turns: [
          { index: 0, speaker: 'agent', text: 'Hello', start_ms: 100, end_ms: 700, confidence: null },
          {
            index: 1,
            speaker: 'caller',
            text: 'Tomorrow at four',
            start_ms: 2_100,
            end_ms: 3_400,
            confidence: null,
          },
        ],
      },
      recording: {
        url: call.recording_url,
        format: null,
        duration_seconds: 184.5,
        size_bytes: null,
        sha256: null,
        channels: null,
      },
      quality: {
        audio_score: null,
        transcription_confidence: null,
        latency_ms_p50: 640,
        latency_ms_p95: 1_210.4,
        interruptions: null,
        silence_seconds: null,
      },
      vendor_extraction: null,
      tool_calls: [{ id: 'tc_1', name: 'available-slots', requested_at: null, responded_at: null, ok: true }],
      outcome: null,
      summary: null,
      metadata: '{"campaign":"autumn"}',
    });
    expect(JSON.parse(extra ?? '{}')).toMatchObject({ '/call/transcript_object/2/content': 'Front desk' });
  });

  it.each([
    ['dial_busy', 'busy', 'call.completed'],
    ['user_declined', 'busy', 'call.completed'],
    ['dial_no_answer', 'no_answer', 'call.completed'],
    ['voicemail_reached', 'voicemail', 'call.completed'],
    ['dial_failed', 'failed', 'call.failed'],
    ['error_retell', 'failed', 'call.failed'],
    ['call_transfer', 'completed', 'call.completed'],
    ['agent_hangup', 'completed', 'call.completed'],
    ['a_reason_of_next_year', 'completed', 'call.completed'],
  ])('by %s is %s', (disconnection_reason, status, type) => {
    const read = event('call_ended', { disconnection_reason });
    expect([read.call.status, read.event_type]).toEqual([status, type]);
  });

  it('needs no more than an id', () => {
    const read = adapter.read({ event: 'call_ended', call: { call_id: 'c1' } }, receivedAt);
    expect(read).toMatchObject({ ok: true, event: { call_id: 'c1', transcript: null, recording: null } });
  });
});

it('rounds times with a fraction, and loses no call to a word’s odd time', () => {
  const words = [
    { word: 'Hello', start: -1, end: 0.7 },
    { word: 'there', start: 1, end: 1e12 },
  ];
  const read = event('call_ended', {
    start_timestamp: startedAt + 0.25,
    end_timestamp: startedAt + 99.75,
    transcript_object: [{ role: 'agent', content: 'Hello there', words }],
  });
  expect(read.call).toMatchObject({ started_at: startedAt, ended_at: startedAt + 100 });
  expect(read.occurred_at).toBe(startedAt + 100);
  expect(read.transcript?.turns).toMatchObject([{ text: 'Hello there', start_ms: null, end_ms: null }]);
});

it('call_started says that it goes on, from when', () => {
  const { end_timestamp: _, ...going } = { ...call, call_status: 'ongoing', disconnection_reason: null };
  const read = adapter.read({ event: 'call_started', call: going }, receivedAt);
  expect(read).toMatchObject({
    ok: true,
    event: {
      event_type: 'call.started',
      occurred_at: startedAt,
      call: { status: 'in_progress', ended_at: null },
    },
  });
});

it('call_analyzed brings what was found, later', () => {
  const read = event('call_analyzed', { call_analysis: analysis });
  expect(read).toMatchObject({
    event_type: 'call.analyzed',
    summary: 'Ravi booked.',
    outcome: 'booked',
    vendor_extraction: { intent: 'book_appointment', confidence: null },
  });
  expect(JSON.parse(read.extra ?? '{}')).toMatchObject({ '/call/call_analysis/user_sentiment': 'Positive' });
  const voicemail = event('call_analyzed', { call_analysis: { ...analysis, in_voicemail: true } });
  expect(voicemail.call.status).toBe('voicemail');
});

it('passes over what no record needs, and tells what is wrong with the rest', () => {
  for (const name of ['transcript_updated', 'transfer_started'])
    expect(adapter.read({ event: name, call }, receivedAt)).toEqual({ ok: true, ignored: true });
  const wrong = adapter.read({ event: 'call_ended', call: { start_timestamp: 12 } }, receivedAt);
  expect('errors' in wrong && wrong.errors.map(({ location }) => location)).toEqual([
    'call.call_id',
    'call.start_timestamp',
  ]);
});

it('is signed as its own SDK signs, with the account’s API key', async () => {
  const key = 'key_of_the_account';
  const text = JSON.stringify({ event: 'call_ended', call: { ...call, note: 'नमस्ते' } });
  const judge = (signature: string, bytes = text, now = Math.floor(Date.now() / 1_000)) => {
    const headers = { 'x-retell-signature': signature };
    const claims = readClaims({ headers, rawHeaders: Object.entries(headers).flat() }, adapter.schemes, now);
    if (typeof claims === 'string') return claims;
    const prover = { webhookModes: new Set(['retell']), secrets: [createSigningSecret('one', key)] };
    return checkClaims(claims, prover, 1, Buffer.from(bytes)) ?? 'ok';
  };
  const right = await sign(text, key);
  expect(judge(right)).toBe('ok');
  expect(judge(await sign(text, 'another key'))).toBe('wrong');
  expect(judge(right, `${text} `)).toBe('wrong');
  expect(judge(right, text, Math.floor(Date.now() / 1_000) + 302)).toBe('stale');
  for (const broken of ['', 'v=1,d=2', right.slice(0, -1), right.replace('v=', 'v=9')])
    expect(judge(broken)).toBe('malformed');
});
