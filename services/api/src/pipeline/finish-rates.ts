import type { GroupPosition } from '@switchboard/kafka';

/** With what the group finished per second since an earlier look; null: there was none. */
export type WithFinishRate = GroupPosition & { finishedPerSecond: number | null };

const windowMs = 60_000;
const leastMs = 1_000;

/** Remembers what groups had finished at earlier looks, a minute back at most: Kafka keeps no time of a commit. */
export function createFinishRates() {
  let looks: { at: number; finished: Map<string, number> }[] = [];
  return {
    /** @param at Unix ms, when the positions were read */
    add(positions: readonly GroupPosition[], at: number): WithFinishRate[] {
      looks = looks.filter((look) => at - look.at <= windowMs);
      const before = looks.find((look) => at - look.at >= leastMs);
      looks.push({ at, finished: new Map(positions.map(({ topic, finished }) => [topic, finished])) });
      return positions.map((position) => {
        const then = before?.finished.get(position.topic);
        const known = before !== undefined && then !== undefined;
        // A group whose offsets were set back has finished nothing in between.
        const rate = known ? Math.max(0, position.finished - then) / ((at - before.at) / 1_000) : null;
        return { ...position, finishedPerSecond: rate };
      });
    },
  };
}
