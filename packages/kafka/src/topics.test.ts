import { topicNames } from '@switchboard/schemas';
import { expect, it } from 'vitest';
import { fullTopicName, subjectOf, topicOf, topics } from './topics.ts';

it('lists every topic that has a schema, once', () => {
  expect(topics.map(({ name }) => name).sort()).toEqual([...topicNames].sort());
});

it('names topics and subjects with the prefix', () => {
  expect(fullTopicName('switchboard.', 'dead-letter.v1')).toBe('switchboard.dead-letter.v1');
  expect(subjectOf('switchboard.', 'dead-letter.v1')).toBe('switchboard.dead-letter.v1-value');
});

it('knows a topic with and without prefix', () => {
  expect(topicOf('switchboard.', 'switchboard.dead-letter.v1')).toBe('dead-letter.v1');
  expect(topicOf('switchboard.', 'dead-letter.v1')).toBe('dead-letter.v1');
  expect(() => topicOf('switchboard.', 'other.dead-letter.v1')).toThrow(
    expect.objectContaining({ code: 'unknown_topic' }),
  );
});
