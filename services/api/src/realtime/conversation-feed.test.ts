import { expect, test } from 'vitest';
import { type ConversationEvent, createConversationFeed } from './conversation-feed.ts';

const change = (tenantId: string) => ({
  tenantId,
  conversationId: 'k',
  kind: 'message' as const,
  messageId: 'm',
});

test('a change is told to those of its clinic, a gap to all, and nothing to who has left', () => {
  const feed = createConversationFeed();
  const told: [string, ConversationEvent][] = [];
  const listen = (name: string, tenantId: string) =>
    feed.listen(tenantId, (event) => told.push([name, event]));
  const [leaveFirst, leaveSecond] = [listen('first', 'a'), listen('second', 'a')];
  listen('other', 'b');
  feed.changed(change('a'));
  const event = { kind: 'message', conversation_id: 'k', message_id: 'm' };
  expect(told.splice(0)).toEqual([
    ['first', event],
    ['second', event],
  ]);
  leaveFirst();
  leaveFirst();
  feed.changed(null);
  expect(told.splice(0)).toEqual([
    ['second', { kind: 'reread' }],
    ['other', { kind: 'reread' }],
  ]);
  leaveSecond();
  listen('third', 'a');
  leaveSecond();
  feed.changed(change('a'));
  expect(told).toEqual([['third', event]]);
});
