import { topicGroups } from '@switchboard/kafka/groups';
import { expect, it } from 'vitest';
import { describeWhereabouts } from './describe-whereabouts.ts';
import type { Whereabouts } from './look-for-event.ts';

const nothing: Whereabouts = {
  eventId: '0197a1b2-0000-7000-8000-000000000000',
  postgres: { said: { taken: [], dead_letters: [], outbox: [] } },
  blocks: { said: [] },
  clickhouse: { said: [] },
  kafka: { said: { found: null, looked: 12_000, unlooked: 88_000, complete: false, backlogs: [] } },
};

it('of one that may be behind a backlog it says what is certain, what waits, and how to search on', () => {
  const oldest = Date.parse('2026-11-20T05:02:11.000Z');
  const backlogs = topicGroups.slice(0, 1).map((group) => ({ ...group, messages: 100_000, oldest }));
  const search = { found: null, looked: 12_000, unlooked: 88_000, complete: false, backlogs };
  const { verdict, lines } = describeWhereabouts({ ...nothing, kafka: { said: search } });
  expect(verdict).toBe('unclear');
  expect(lines).toEqual([
    'Nothing has taken it or set it aside: if ingest accepted it, it waits in Kafka.',
    'enrich has not finished 100000 messages of voice-call.received.v1, the oldest of 2026-11-20T05:02:11.000Z.',
    expect.stringMatching(/^12000 of them were looked at, and 88000 not, .*--at .*--wait/),
  ]);
});

it('claims nothing of what has taken it while Postgres does not answer', () => {
  const { verdict, lines } = describeWhereabouts({ ...nothing, postgres: { silent: 'no answer in time' } });
  expect(verdict).toBe('unclear');
  expect(lines.join('\n')).toContain('Postgres was not looked at: no answer in time.');
  expect(lines.join('\n')).not.toContain('Nothing has taken it');
});
