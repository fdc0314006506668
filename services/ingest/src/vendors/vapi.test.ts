import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../body/parse-json.ts';
import { checkClaims, readClaims } from '../signatures/check-signatures.ts';
import { createSigningSecret } from '../signatures/secrets.ts';
import { createVapiAdapter } from './vapi.ts';
import type { VendorEvent } from './vendor.ts';

const adapter = createVapiAdapter();
const receivedAt = Date.parse('2026-11-20T05:03:00Z');
const startedAt = Date.parse('2026-11-20T04:59:07.000Z');

const call = {
  id: '0199f3a2-7c40-7a10-8d55-1b2c3d4e5f60',
  orgId: 'org',
  type: 'inboundPhoneCall',
  createdAt: '2026-11-20T04:59:05.000Z',
  updatedAt: '2026-11-20T05:02:15.000Z',
  assistantId: 'asst_1',
};
const about = {
  timestamp: startedAt + 190_000,
  call,
  customer: { number: '+919812345678', name: 'Ravi' },
  phoneNumber: { id: 'pn', number: '+912240001234', provider: 'twilio' },
  assistant: { name: 'Asha', model: { provider: 'openai', model: 'gpt' } },
};
const report = {
  message: {
    ...about,
    type: 'end-of-call-report',
    startedAt: '2026-11-20T04:59:07.000Z',
    endedAt: '2026-11-20T05:02:11.000Z',
    endedReason: 'customer-ended-call',
    cost: 0.1,
    durationSeconds: 184,
    analysis: {
      summary: 'Ravi booked.',
      structuredData: { intent: 'book_appointment', outcome: 'booked', date: 'tomorrow' },
      successEvaluation: 'true',
    },
    artifact: {
      transcript: 'AI: Hello …',
      recordingUrl: 'https://storage.example/1.wav',
      presignedMonoUrl: 'https://storage.example/1.wav?X-Amz-Expires=3600',
      presignedUrlsExpiresAt: '2026-11-20T06:02:11.000Z',
      messages: [
        { role: 'system', message: 'You are …', time: startedAt, secondsFromStart: 0 },
        {
          role: 'bot',
          message: 'Hello',
          time: startedAt,
          endTime: startedAt + 1_800,
          secondsFromStart: 0,
          duration: 1_800,
        },
        {
          role: 'user',
          message: 'Tomorrow at four',
          time: startedAt + 2_100,
          endTime: startedAt + 4_000,
          secondsFromStart: 2.1,
        },
        {
          role: 'tool_calls',
          message: '',
          time: startedAt + 5_000,
          secondsFromStart: 5,
          toolCalls: [
            { id: 'tc_1', type: 'function', function: { name: 'available-slots', arguments: '{}' } },
          ],
        },
        {
          role: 'tool_call_result',
          toolCallId: 'tc_1',
          name: 'available-slots',
          result: '{}',
          time: startedAt + 5_350,
          secondsFromStart: 5.35,
        },
      ],
    },
  },
};

function event(body: JsonObject): VendorEvent {
  const read = adapter.read(body, receivedAt);
  if (!('event' in read)) throw new Error(JSON.stringify(read));
  return read.event;
}

describe('an end-of-call-report', () => {
  it('is the whole call, in our names and units', () => {
    const { extra, vendor_event_id: id, ...rest } = event(report);
    expect(id).toMatch(/^0199f3a2-7c40-7a10-8d55-1b2c3d4e5f60:end-of-call-report:[\w-]{43}$/);
    expect(rest).toEqual({
      event_type: 'call.completed',
      call_id: call.id,
      occurred_at: startedAt + 190_000,
      call: {
        direction: 'inbound',
        from_number: '+919812345678',
        to_number: '+912240001234',
        status: 'completed',
        started_at: startedAt,
        answered_at: null,
        ended_at: startedAt + 184_000,
        duration_seconds: 184,
        end_reason: 'caller_hangup',
        language: null,
        agent_id: 'asst_1',
        agent_name: 'Asha',
        agent_version: null,
        transferred_to: null,
        cost_minor: 10,
        cost_currency: 'USD',
      },
      transcript: {
        language: null,
        engine: null,
        turns: [
          { index: 1, speaker: 'agent', text: 'Hello', start_ms: 0, end_ms: 1_800, confidence: null },
          {
            index: 2,
            speaker: 'caller',
            text: 'Tomorrow at four',
            start_ms: 2_100,
            end_ms: 4_000,
            confidence: null,
          },
        ],
      },
      recording: {
        url: 'https://storage.example/1.wav?X-Amz-Expires=3600',
        format: null,
        duration_seconds: 184,
        size_bytes: null,
        sha256: null,
        channels: null,
      },
      quality: null,
      vendor_extraction: {
        intent: 'book_appointment',
        confidence: null,
        entities: '{"intent":"book_appointment","outcome":"booked","date":"tomorrow"}',
      },
      tool_calls: [
        {
          id: 'tc_1',
          name: 'available-slots',
          requested_at: startedAt + 5_000,
          responded_at: startedAt + 5_350,
          ok: null,
        },
      ],
      outcome: 'booked',
      summary: 'Ravi booked.',
      metadata: null,
    });
    expect(JSON.parse(extra ?? '{}')).toMatchObject({
      '/message/endedReason': 'customer-ended-call',
      '/message/analysis/successEvaluation': 'true',
      '/message/artifact/presignedUrlsExpiresAt': '2026-11-20T06:02:11.000Z',
    });
  });

  it.each([
    ['customer-did-not-answer', 'no_answer', 'call.completed'],
    ['customer-busy', 'busy', 'call.completed'],
    ['voicemail', 'voicemail', 'call.completed'],
    ['silence-timed-out', 'completed', 'call.completed'],
    ['call.in-progress.error-providerfault-openai-llm-failed', 'failed', 'call.failed'],
    ['assistant-ended-call', 'completed', 'call.completed'],
    ['a-reason-of-next-year', 'completed', 'call.completed'],
  ])('that ended by %s is %s', (endedReason, status, type) => {
    const read = event({ message: { ...report.message, endedReason } });
    expect([read.call.status, read.event_type]).toEqual([status, type]);
  });

  it('of a call that the clinic made has its numbers the other way round', () => {
    const read = event({ message: { ...report.message, call: { ...call, type: 'outboundPhoneCall' } } });
    expect(read.call).toMatchObject({
      direction: 'outbound',
      from_number: '+912240001234',
      to_number: '+919812345678',
    });
  });

  it('needs no more than a type and a call', () => {
    const least = event({ message: { type: 'end-of-call-report', call: { id: 'c1' } } });
    expect(least).toMatchObject({ call_id: 'c1', transcript: null, recording: null, tool_calls: null });
  });
});

it('an odd time of one message loses that time and no call, and a fraction is rounded', () => {
  const said = (more: JsonObject) => ({ role: 'user', message: 'Tomorrow', ...more });
  const called = (time: unknown) => ({
    role: 'tool_calls',
    time,
    toolCalls: [{ id: 'tc_1', function: { name: 'available-slots' } }],
  });
  const told = (...messages: unknown[]) =>
    event({
      message: { ...about, timestamp: startedAt + 0.5, type: 'end-of-call-report', artifact: { messages } },
    });
  for (const odd of [0, -5, 12, 1e15, 1e300, startedAt / 1_000, 'soon', {}, null]) {
    const read = told(
      said({ time: odd, endTime: odd, secondsFromStart: odd === 'soon' ? odd : -1, duration: -1 }),
      called(odd),
    );
    expect(read.transcript?.turns).toMatchObject([{ text: 'Tomorrow', start_ms: null, end_ms: null }]);
    expect(read.tool_calls).toMatchObject([{ requested_at: null, responded_at: null }]);
  }
  const read = told(called(startedAt + 0.25), {
    role: 'tool_call_result',
    toolCallId: 'tc_1',
    time: startedAt + 99.75,
  });
  expect(read.occurred_at).toBe(startedAt + 1);
  expect(read.tool_calls).toMatchObject([{ requested_at: startedAt, responded_at: startedAt + 100 }]);
});

describe('a status-update', () => {
  const status = (word: string, more = {}) =>
    event({ message: { ...about, type: 'status-update', status: word, ...more } });

  it.each([
    ['queued', 'call.started', 'ringing'],
    ['ringing', 'call.started', 'ringing'],
    ['in-progress', 'call.started', 'in_progress'],
    ['forwarding', 'call.started', 'in_progress'],
    ['ended', 'call.completed', 'completed'],
  ])('%s is %s with the status %s', (word, type, ours) => {
    expect([status(word).event_type, status(word).call.status]).toEqual([type, ours]);
  });

  it('counts once however often it is delivered, and is another event for another status', () => {
    expect(status('ringing').vendor_event_id).toBe(status('ringing').vendor_event_id);
    expect(status('ringing').vendor_event_id).not.toBe(status('in-progress').vendor_event_id);
  });
});

it('passes over what no record needs, and tells what is wrong with the rest', () => {
  for (const type of ['speech-update', 'conversation-update', 'tool-calls', 'hang'])
    expect(adapter.read({ message: { ...about, type } }, receivedAt)).toEqual({ ok: true, ignored: true });
  const wrong = adapter.read(
    { message: { type: 'status-update', call: { id: 7 }, timestamp: 12 } },
    receivedAt,
  );
  expect('errors' in wrong && wrong.errors.map(({ location }) => location)).toEqual([
    'message.timestamp',
    'message.call.id',
  ]);
  expect(adapter.read({}, receivedAt)).toMatchObject({ ok: false });
});

describe('its proofs', () => {
  const body = Buffer.from(JSON.stringify(report));
  const text = 'a secret of the clinic';
  const now = Math.floor(receivedAt / 1_000);
  const judge = (headers: Record<string, string>, modes = ['vapi']) => {
    const claims = readClaims({ headers, rawHeaders: Object.entries(headers).flat() }, adapter.schemes, now);
    if (typeof claims === 'string') return claims;
    const secrets = [createSigningSecret('one', text)];
    return checkClaims(claims, { webhookModes: new Set(modes), secrets }, 1, body) ?? 'ok';
  };
  const signed = (timestamp: string, key = text, signature = '') => ({
    'x-timestamp': timestamp,
    'x-signature': signature + createHmac('sha256', key).update(`${timestamp}.`).update(body).digest('hex'),
  });

  it('are HMACs with a time in seconds or milliseconds', () => {
    expect(judge(signed(String(now)))).toBe('ok');
    expect(judge(signed(String(receivedAt)))).toBe('ok');
    expect(judge(signed(String(now), text, 'sha256='))).toBe('ok');
    expect(judge(signed(String(now), 'another secret'))).toBe('wrong');
    expect(judge(signed(String(now - 301)))).toBe('stale');
    expect(judge({ 'x-signature': signed(String(now))['x-signature'] })).toBe('malformed');
    expect(judge({ ...signed(String(now)), 'x-timestamp': String(now - 1) })).toBe('wrong');
    expect(judge(signed(String(now)), ['zoice'])).toBe('mode_off');
  });

  it('are the secret itself where that is switched on', () => {
    expect(judge({ 'x-vapi-secret': text })).toBe('mode_off');
    expect(judge({ 'x-vapi-secret': text }, ['secret'])).toBe('ok');
    expect(judge({ 'x-vapi-secret': 'another secret' }, ['secret'])).toBe('wrong');
    expect(judge({ authorization: 'Bearer another-secret' }, ['secret'])).toBe('wrong');
    expect(judge({ authorization: 'Basic abc' }, ['secret'])).toBe('malformed');
  });
});
