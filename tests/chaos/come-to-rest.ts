import { setTimeout as sleep } from 'node:timers/promises';
import {
  fullTopicName,
  groupOf,
  type PartitionLag,
  readLag,
  type TopicName,
  topicGroups,
} from '@switchboard/kafka';
import type { Pool } from '@switchboard/postgres';
import type { Demo } from '@switchboard/start';

const PREFIX = 'switchboard.';

/**
 * Waits until nothing is under way: no lag, no statement outside a block, no block undone.
 *
 * @param prefix of topics and groups
 * @returns how long it took, ms.
 * @throws Error when it is not at rest in time; the message says what is left.
 */
export async function comeToRest(
  demo: Demo,
  postgres: Pool,
  withinMs: number,
  prefix = PREFIX,
): Promise<number> {
  const begunAt = performance.now();
  let left = '';
  while (performance.now() - begunAt < withinMs) {
    left = await whatIsLeft(demo, postgres, prefix);
    if (left === '') return performance.now() - begunAt;
    await sleep(200);
  }
  throw new Error(`not at rest after ${Math.round(withinMs / 1000)} s: ${left}`);
}

/** How many events the topic of dead letters ever got. */
export async function deadLettersSent(demo: Demo): Promise<number> {
  return (await lagOf(demo, 'dead-letter.v1')).reduce((sum, { high }) => sum + Number(high), 0);
}

async function whatIsLeft(demo: Demo, postgres: Pool, prefix: string): Promise<string> {
  const left: string[] = [];
  for (const { topic, group } of topicGroups) {
    const lag = (await lagOf(demo, topic, prefix)).reduce((sum, partition) => sum + partition.lag, 0);
    if (lag > 0) left.push(`lag of ${group} ${lag}`);
  }
  const { rows } = await postgres.query<{ statements: number; blocks: number }>(
    `SELECT (SELECT count(*)::int FROM outbox) AS statements,
            (SELECT count(*)::int FROM blocks WHERE state = 'moved') AS blocks`,
  );
  const { statements = 0, blocks = 0 } = rows[0] ?? {};
  if (statements > 0) left.push(`${statements} statements in the outbox`);
  if (blocks > 0) left.push(`${blocks} blocks undone`);
  return left.join(', ');
}

function lagOf(demo: Demo, topic: TopicName, prefix = PREFIX): Promise<PartitionLag[]> {
  return readLag({
    brokers: demo.kafka.split(','),
    groupId: groupOf(prefix, topic),
    topics: [fullTopicName(prefix, topic)],
  });
}
