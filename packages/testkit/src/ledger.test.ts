import { expect, test } from 'vitest';
import { createLedger, type LedgerEvent } from './ledger.ts';
import { otherWords } from './ledger-check.ts';

const started = { id: 'evt_1', callId: 'zc_1', turns: 0 };
const completed = { id: 'evt_2', callId: 'zc_1', turns: 4 };
const lost = { id: 'evt_3', callId: 'zc_2', turns: 2 };

test('an event counts once however often it is posted, and only when it was accepted', () => {
  const ledger = createLedger();
  ledger.note({ event: started, accepted: true, tries: 1, status: 202, answerMs: 5 });
  ledger.note({ event: completed, accepted: true, tries: 2, status: 202, answerMs: 10 });
  ledger.note({ event: completed, accepted: false, tries: 1, status: 503, answerMs: 4 });
  ledger.note({ event: lost, accepted: false, tries: 5, status: 0, answerMs: 3 });
  expect([...ledger.calls]).toEqual([
    ['zc_1', { events: new Set(['evt_1', 'evt_2']), turns: 4, says: new Map() }],
  ]);
  expect(ledger.missing()).toEqual(['evt_3']);
  expect(ledger.summary()).toEqual({
    calls: 1,
    events: 3,
    accepted: 2,
    deliveries: 4,
    acceptedLater: 1,
    tries: { 1: 2, 2: 1, 5: 1 },
    refusals: { 0: 1, 503: 1 },
    answerMs: { p50: 10, p95: 10, p99: 10, max: 10 },
  });
});

test('a call whose stored words are those of an earlier event is told, in whatever order its events came', () => {
  const begun: LedgerEvent = { ...started, says: { rank: 1, atMs: 1, fields: { end_reason: 'error' } } };
  const over: LedgerEvent = {
    ...completed,
    says: {
      rank: 2,
      atMs: 2,
      fields: { status: 'completed', end_reason: 'caller_hangup', duration_seconds: 42 },
    },
  };
  const told = { tries: 1, status: 202, answerMs: 1 };
  for (const events of [
    [begun, over],
    [over, begun, over],
  ]) {
    const ledger = createLedger();
    for (const event of events) ledger.note({ event, accepted: true, ...told });
    const stored = { status: 'completed', end_reason: 'caller_hangup', duration_seconds: 42 };
    const findings = (change: object) =>
      otherWords(ledger.calls, new Map([['zc_1', { ...stored, ...change }]])).sort();
    expect(findings({})).toEqual([]);
    expect(findings({ status: 'in_progress', end_reason: 'error' })).toEqual([
      'zc_1 end_reason: error instead of caller_hangup',
      'zc_1 status: in_progress instead of completed',
    ]);
    expect(findings({ duration_seconds: null })).toEqual(['zc_1 duration_seconds: null instead of 42']);
  }
});
