import { expect, it } from 'vitest';
import { watchPartitions } from './watch-partitions.ts';

const countOf = () => 6;

it('takes a send for sent only when each partition that a message went to has answered', () => {
  const watched = watchPartitions();
  const partitions = ['a', 'b', 'c'].map((key) => watched.partitioner({ topic: 't' }, Buffer.from(key)) % 6);
  const answers = partitions.map((partition) => ({ topic: 't', partition }));
  watched.requireAll(answers, countOf);
  for (const missing of answers) {
    const others = answers.filter(({ partition }) => partition !== missing.partition);
    expect(() => watched.requireAll(others, countOf)).toThrow(
      expect.objectContaining({ code: 'not_acknowledged', retryable: true }),
    );
  }
  expect(() => watched.requireAll(answers, () => undefined)).toThrow('no broker answered');
  watched.forget();
  watched.requireAll([], countOf);
});

it('chooses as other clients do, so that a key keeps its partition whoever sends', () => {
  const { partitioner } = watchPartitions();
  // Of Kafka's own test of its hash (UtilsTest.testMurmur2).
  const known = new Map([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ]);
  for (const [key, hash] of known) {
    expect(partitioner({ topic: 't' }, Buffer.from(key))).toBe(hash & 0x7fffffff);
  }
});

it('without a key takes partitions in turn', () => {
  const { partitioner } = watchPartitions();
  const first = partitioner({ topic: 't' }, undefined);
  expect(partitioner({ topic: 't' }, undefined)).toBe(first + 1);
});
