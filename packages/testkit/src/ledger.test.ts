import { expect, test } from 'vitest';
import { createLedger } from './ledger.ts';

const started = { id: 'evt_1', callId: 'zc_1', turns: 0 };
const completed = { id: 'evt_2', callId: 'zc_1', turns: 4 };
const lost = { id: 'evt_3', callId: 'zc_2', turns: 2 };

test('an event counts once however often it is posted, and only when it was accepted', () => {
  const ledger = createLedger();
  ledger.note({ event: started, accepted: true, tries: 1, status: 202, answerMs: 5 });
  ledger.note({ event: completed, accepted: true, tries: 2, status: 202, answerMs: 10 });
  ledger.note({ event: completed, accepted: false, tries: 1, status: 503, answerMs: 4 });
  ledger.note({ event: lost, accepted: false, tries: 5, status: 0, answerMs: 3 });
  expect([...ledger.calls]).toEqual([['zc_1', { events: new Set(['evt_1', 'evt_2']), turns: 4 }]]);
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
