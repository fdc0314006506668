import { z } from 'zod';

/** Batches of several partitions as a process of a test is given them, values in base64. */
export const givenBatches = z.array(
  z.object({
    partition: z.number(),
    messages: z.array(z.object({ offset: z.string(), value: z.string() })),
  }),
);

/** A batch as a consumer hands it on. */
export function batchOf(topic: string, { partition, messages }: z.infer<typeof givenBatches>[number]) {
  return {
    topic,
    partition,
    messages: messages.map(({ offset, value }) => ({
      offset,
      key: null,
      headers: {},
      partition,
      timestamp: 0,
      value: Buffer.from(value, 'base64'),
    })),
    firstOffset: messages[0]?.offset ?? '0',
    lastOffset: messages.at(-1)?.offset ?? '0',
  };
}

/** What comes with a batch whose partition stays, tried for the first time. */
export const firstTry = {
  attempt: 1,
  signal: new AbortController().signal,
  isStale: () => false,
};
