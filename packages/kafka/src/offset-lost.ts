import { SwitchboardError } from '@switchboard/platform';
import type { PartitionLag } from './consumer-types.ts';

/**
 * A group must go on where it stopped. If the log no longer reaches back to there, events were lost to retention; if
 * it ends before, the log was made anew. Either is for a person to decide.
 * @throws SwitchboardError `offset_lost`
 */
export function requireOffsetsInLog(groupId: string, positions: readonly PartitionLag[]): void {
  const lost = positions.find(
    ({ committed, low, high }) => committed !== null && (committed < low || committed > high),
  );
  if (lost) throw offsetLost(groupId, lost.topic, lost.partition, lost);
}

/** What to tell whoever runs this. */
export function offsetLost(
  groupId: string,
  topic: string,
  partition: number,
  position?: Pick<PartitionLag, 'committed' | 'low' | 'high'>,
): SwitchboardError {
  const where = position
    ? `is to go on at offset ${position.committed}, but the log has ${position.low} to ${position.high}`
    : 'is to go on at an offset that the log does not have';
  return new SwitchboardError(
    'offset_lost',
    `group ${groupId} ${where} (${topic}, partition ${partition}): events are missing or the topic was made anew. ` +
      'Nothing was skipped. How to go on: docs/operations.md#when-a-group-has-lost-its-place',
  );
}
