import type { Row } from '@switchboard/postgres/rows';
import { expect, test } from 'vitest';
import { addMessage, chooseConversation } from './choose-conversations.ts';

const day = (at: number) => new Date(Date.UTC(2026, 10, at)).toISOString();
const conversation = (id: string, began: number, resolved: number | null): Row => ({
  id,
  state: resolved === null ? 'open' : 'resolved',
  began_at: day(began),
  resolved_at: resolved === null ? null : day(resolved),
  last_message_at: day(resolved ?? began),
  last_inbound_at: day(began),
  reopened: 0,
  contact_phone: null,
});
const older = conversation('older', 1, 3);
const newer = conversation('newer', 20, null);

test.each([
  ['of one that is open, however late', [newer], 30, 'newer'],
  ['before the first began', [older, newer], 0, 'older'],
  ['while the older one went on', [older, newer], 2, 'older'],
  ['after the older one was resolved, and within the days', [older, newer], 5, 'newer'],
  ['after them', [older, newer], 15, 'newer'],
  ['since the newer one began', [older, newer], 21, 'newer'],
  ['within the days of the last one', [older], 5, 'older'],
  ['after the days of the last one', [older], 15, undefined],
  ['where there is none', [], 1, undefined],
])('a message %s', (_, conversations, at, expected) => {
  expect(chooseConversation(conversations, Date.parse(day(at)), 7)?.id).toBe(expected);
});

test('what comes late opens no older conversation beside a newer one', () => {
  for (const at of [0, 2, 4, 10, 19]) {
    const sentAt = Date.parse(day(at));
    const chosen = chooseConversation([older, newer], sentAt, 7) ?? {};
    const { state, reopened } = addMessage(chosen, { direction: 'inbound', sentAt, phone: null });
    expect({ id: chosen.id, state, reopened }).toEqual({ id: chosen.id, state: chosen.state, reopened: 0 });
  }
});
