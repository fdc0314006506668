import { expect, it } from 'vitest';
import { sliceBatch } from './slice-batch.ts';

const fetched = (sizes: readonly number[]) => ({
  topic: 't',
  partition: 2,
  messages: sizes.map((size, index) => ({
    key: Buffer.from('k'),
    value: Buffer.alloc(size),
    headers: { 'event-id': Buffer.from('e'), many: [Buffer.from('1'), Buffer.from('2')] },
    offset: String(10 + index),
    timestamp: '1700000000000',
    attributes: 0,
  })),
});
const slices = (sizes: readonly number[]) => [
  ...sliceBatch(fetched(sizes), { maxMessages: 3, maxBytes: 100 }),
];

it('cuts by number and by bytes, and lets a large message travel alone', () => {
  const offsets = slices([1, 1, 1, 1, 60, 60, 500, 1]).map(({ firstOffset, lastOffset }) => [
    firstOffset,
    lastOffset,
  ]);
  expect(offsets).toEqual([
    ['10', '12'],
    ['13', '14'],
    ['15', '15'],
    ['16', '16'],
    ['17', '17'],
  ]);
});

it('gives plain headers, numbers and keys', () => {
  expect(slices([1])[0]).toEqual({
    topic: 't',
    partition: 2,
    firstOffset: '10',
    lastOffset: '10',
    messages: [
      {
        key: 'k',
        value: Buffer.alloc(1),
        headers: { 'event-id': 'e', many: '2' },
        partition: 2,
        offset: '10',
        timestamp: 1.7e12,
      },
    ],
  });
});

it('gives an empty value for none', () => {
  const { topic, partition, messages } = fetched([1]);
  const tombstones = messages.map((message) => ({ ...message, key: null, value: null }));
  const [slice] = sliceBatch({ topic, partition, messages: tombstones }, { maxMessages: 3, maxBytes: 100 });
  expect(slice?.messages[0]).toMatchObject({ key: null, value: Buffer.alloc(0) });
});

it('gives nothing for nothing', () => {
  expect(slices([])).toEqual([]);
});
