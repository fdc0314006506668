import { sleep } from '@switchboard/platform';
import type { TopicName } from '@switchboard/schemas';
import { type Names, unfinishedRanges } from './group-positions.ts';
import { type LogReader, placeKey } from './log-reader.ts';

const everyMs = 250;

/**
 * Waits until the groups that read these topics have finished all that is in them now; what comes meanwhile is not waited for.
 * @param until Unix ms
 * @returns false: they had not by then
 * @throws SwitchboardError `broker_unavailable` (retryable)
 */
export async function awaitFinished(
  reader: LogReader,
  names: Names,
  topics: readonly TopicName[],
  until: number,
): Promise<boolean> {
  const ranges = async () =>
    (await unfinishedRanges(reader, names)).filter(({ group }) => topics.includes(group.topic));
  const ends = new Map((await ranges()).map((range) => [placeKey(range), range.to]));
  for (;;) {
    const left = (await ranges()).filter((range) => range.from < (ends.get(placeKey(range)) ?? 0n));
    if (left.length === 0) return true;
    if (Date.now() >= until) return false;
    await sleep(everyMs);
  }
}
