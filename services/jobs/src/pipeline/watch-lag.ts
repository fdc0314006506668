import {
  type GroupPosition,
  groupOf,
  type LogReader,
  type Names,
  readGroupPositions,
} from '@switchboard/kafka';
import type { Logger, Metrics } from '@switchboard/platform';
import { type Rounds, type RoundsOptions, startRounds } from '@switchboard/platform/rounds';

export interface WatchLagOptions extends Pick<RoundsOptions, 'failures'> {
  reader: LogReader;
  names: Names;
  everyMs: number;
  logger: Logger;
  metrics: Metrics;
  now(): number;
}

/**
 * Tells how far each group is behind, in messages and seconds. Not its consumers do: one that is gone tells nothing, and
 * its lag is what matters.
 */
export function startWatchingLag(options: WatchLagOptions): Rounds {
  const { metrics, names, now } = options;
  let last: { positions: readonly GroupPosition[]; at: number } = { positions: [], at: now() };
  const labels = ({ topic }: GroupPosition) => ({ consumergroup: groupOf(names.groupPrefix, topic), topic });
  metrics.gauge(
    'kafka_consumergroup_lag',
    'Messages that a group has not finished.',
    ['consumergroup', 'topic'],
    (gauge) => {
      for (const position of last.positions) gauge.set(labels(position), position.lagMessages);
    },
  );
  metrics.gauge(
    'kafka_consumergroup_lag_seconds',
    'Age of the oldest message that a group has not finished; 0 when there is none.',
    ['consumergroup', 'topic'],
    (gauge) => {
      // It goes on growing while Kafka can't be asked, or else one that is away would look like one that keeps up.
      const since = (now() - last.at) / 1_000;
      for (const position of last.positions)
        gauge.set(labels(position), position.lagMessages === 0 ? 0 : position.lagSeconds + since);
    },
  );
  metrics.gauge(
    'switchboard_lag_age_seconds',
    'Time since Kafka last told where groups stand.',
    [],
    (gauge) => gauge.set((now() - last.at) / 1_000),
  );
  return startRounds({
    ...options,
    name: 'lag',
    async work() {
      const at = now();
      last = { positions: await readGroupPositions(options.reader, names, at), at };
      return false;
    },
  });
}
