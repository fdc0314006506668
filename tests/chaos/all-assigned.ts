import { readFile } from 'node:fs/promises';
import { fullTopicName, groupOf, readLag, type TopicName, topicGroups } from '@switchboard/kafka';
import type { ServiceName } from '@switchboard/start';
import { expect } from 'vitest';
import { z } from 'zod';

const prefix = 'switchboard.';
const joinedShape = z.looseObject({
  groupId: z.string(),
  assignment: z.record(z.string(), z.array(z.number())),
});

/** Waits until each partition that a service reads is in the hands of one of its processes, by what their logs say last. */
export async function allAssigned(
  service: ServiceName,
  brokers: string,
  logFiles: readonly string[],
): Promise<void> {
  for (const { topic, service: reader } of topicGroups) {
    if (reader !== service) continue;
    const groupId = groupOf(prefix, topic);
    const partitions = await readLag({
      brokers: brokers.split(','),
      groupId,
      topics: [fullTopicName(prefix, topic)],
    });
    await expect
      .poll(
        async () => {
          const held = await Promise.all(logFiles.map((file) => lastAssigned(file, groupId, topic)));
          return { topic, held: held.flat().toSorted((a, b) => a - b) };
        },
        { timeout: 120_000, interval: 500 },
      )
      .toEqual({ topic, held: partitions.map((_, partition) => partition) });
  }
}

async function lastAssigned(logFile: string, groupId: string, topic: TopicName): Promise<number[]> {
  const lines = (await readFile(logFile, 'utf8')).split('\n');
  const said = lines.findLast((line) => line.includes('joined the group') && line.includes(`"${groupId}"`));
  return said === undefined
    ? []
    : (joinedShape.parse(JSON.parse(said)).assignment[fullTopicName(prefix, topic)] ?? []);
}
