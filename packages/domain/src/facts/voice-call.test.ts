import { describe, expect, it } from 'vitest';
import { stateVoiceCall, type VoiceCallRecord } from './voice-call.ts';

const answered: VoiceCallRecord = {
  direction: 'inbound',
  status: 'completed',
  outcome: null,
  intent: 'book_appointment',
  endReason: 'caller_hangup',
  sentiment: null,
  language: null,
  agentId: null,
  beganAt: Date.parse('2026-11-20T05:00:00Z'),
  answeredAt: null,
  endedAt: null,
  durationSeconds: 184,
  callerTurns: null,
  transferred: false,
  patientId: null,
  caller: null,
  audioScore: null,
  transcriptionConfidence: null,
  latencyMsP50: null,
  latencyMsP95: null,
  interruptions: null,
  silenceSeconds: null,
  costMinor: null,
  costCurrency: null,
  extraction: null,
  analyzedAt: null,
  toolCalls: [],
  calledBefore: false,
  calledAgain: false,
  calledBack: false,
};

const abandoned = (parts: Partial<VoiceCallRecord>) =>
  stateVoiceCall({ ...answered, ...parts }, 'Asia/Kolkata').abandoned;

describe('a call counts as abandoned', () => {
  it.each<[string, Partial<VoiceCallRecord>]>([
    ['its transcript has no word of the caller', { callerTurns: 0 }],
    ['the vendor says so, and there is no transcript', { outcome: 'abandoned' }],
    ['nobody answered', { status: 'no_answer' }],
    ['the line was busy', { status: 'busy', durationSeconds: 12 }],
    ['it lasted no time', { durationSeconds: 0 }],
    ['it failed before anybody was connected', { status: 'failed', durationSeconds: null }],
  ])('when %s', (_, parts) => {
    expect(abandoned(parts)).toBe(1);
  });

  it.each<[string, Partial<VoiceCallRecord>]>([
    ['it was completed and booked, and only its transcript is missing', { outcome: 'booked' }],
    ['nothing is known of how it ended', { durationSeconds: null }],
    ['the caller spoke, whatever the vendor makes of it', { outcome: 'abandoned', callerTurns: 2 }],
    ['the caller spoke', { callerTurns: 1, durationSeconds: 0 }],
    ['it failed after it was answered', { status: 'failed', durationSeconds: null, answeredAt: 1 }],
    ['a message was left', { status: 'voicemail', callerTurns: 0 }],
    ['it goes on', { status: 'in_progress', callerTurns: 0 }],
    ['the clinic called', { direction: 'outbound', status: 'no_answer' }],
  ])('not when %s', (_, parts) => {
    expect(abandoned(parts)).toBe(0);
  });
});
