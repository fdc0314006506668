import { stateVoiceCall } from '@switchboard/domain/facts/voice-call';
import { describe, expect, it } from 'vitest';
import { statementColumns } from './fact-table.ts';
import { voiceCallFact } from './voice-call.ts';

const call = {
  direction: 'inbound',
  status: null,
  outcome: null,
  intent: null,
  endReason: null,
  sentiment: null,
  language: null,
  agentId: null,
  beganAt: 0,
  answeredAt: null,
  endedAt: null,
  durationSeconds: null,
  callerTurns: 0,
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

describe('fact_voice_call', () => {
  it('has a column for every word of a statement, and none besides', () => {
    const stated = ['tenant_id', 'entity_id', 'basis', ...Object.keys(stateVoiceCall(call, 'Asia/Kolkata'))];
    expect(statementColumns(voiceCallFact).toSorted()).toEqual(stated.toSorted());
  });
});
