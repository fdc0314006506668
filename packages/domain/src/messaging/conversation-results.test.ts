import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conversationResults, type MessageResult } from './conversation-results.ts';

const none = { language: null, intent: null, sentiment: null, sentimentScore: null };
const said = (sentAt: number, parts: Partial<MessageResult>): MessageResult => ({
  id: `SM${sentAt}`,
  sentAt,
  ...none,
  ...parts,
});

test('a conversation of nothing says nothing', () => {
  expect(conversationResults([])).toEqual(none);
});

test('what was said last holds, each by itself; what means nothing takes nothing back', () => {
  const found = conversationResults([
    said(1, { language: 'hi', intent: 'book_appointment', sentiment: 'negative', sentimentScore: -0.5 }),
    said(2, { language: 'en', intent: 'reschedule_appointment' }),
    said(3, { intent: 'other', sentiment: 'positive', sentimentScore: 0.4 }),
  ]);
  expect(found).toEqual({
    language: 'en',
    intent: 'reschedule_appointment',
    sentiment: 'positive',
    sentimentScore: 0.4,
  });
});

test('the order in which messages are read does not matter', () => {
  const message = fc.record({
    sentAt: fc.integer({ min: 0, max: 3 }),
    language: fc.constantFrom(null, 'en', 'hi'),
    intent: fc.constantFrom(null, 'other', 'book_appointment'),
    sentiment: fc.constantFrom(null, 'positive'),
    sentimentScore: fc.constantFrom(null, 0.5),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.nat(5), (drawn, turn) => {
      const messages = drawn.map((one, at) => ({ ...one, id: `SM${at}` }));
      const turned = [...messages.slice(turn), ...messages.slice(0, turn)];
      expect(conversationResults(turned)).toEqual(conversationResults(messages));
      expect(conversationResults(messages.toReversed())).toEqual(conversationResults(messages));
    }),
  );
});
