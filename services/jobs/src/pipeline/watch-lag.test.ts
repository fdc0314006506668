import type { LogReader } from '@switchboard/kafka';
import { createLogger, createMetrics, SwitchboardError } from '@switchboard/platform';
import { expect, it } from 'vitest';
import { startWatchingLag } from './watch-lag.ts';

const names = { topicPrefix: 'switchboard.', groupPrefix: 'switchboard.' };
const topic = 'switchboard.voice-call.received.v1';

it('lag in seconds goes on growing while Kafka can’t be asked, and none stays none', async () => {
  let clock = 1_000_000;
  let isAway = false;
  const reader: LogReader = {
    committed: async () => new Map(),
    offsets: async (topics, place) => {
      if (isAway) throw new SwitchboardError('broker_unavailable', 'away', { retryable: true });
      const end = (name: string) => (place === 'first' ? 0n : name === topic ? 3n : 0n);
      return new Map(topics.map((name) => [`${name}/0`, end(name)]));
    },
    read: async () => [{ offset: 0n, timestamp: clock - 10_000, header: () => undefined }],
    close: () => undefined,
  };
  const metrics = createMetrics('jobs');
  const failures: string[] = [];
  const watch = startWatchingLag({
    reader,
    names,
    everyMs: 60_000,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics,
    failures: { inc: ({ job }) => void failures.push(job) },
    now: () => clock,
  });
  const value = async (line: string) => {
    const { body } = await metrics.render();
    return Number(
      body
        .split('\n')
        .find((one) => one.startsWith(line))
        ?.split(' ')
        .at(-1),
    );
  };
  const of = (name: string, group: string) => `${name}{consumergroup="switchboard.${group}"`;
  await expect.poll(() => value(of('kafka_consumergroup_lag', 'enrich'))).toBe(3);
  expect(await value(of('kafka_consumergroup_lag_seconds', 'enrich'))).toBe(10);

  isAway = true;
  clock += 50_000;
  watch.wake();
  await expect.poll(() => failures.length).toBeGreaterThan(0);
  expect(await value(of('kafka_consumergroup_lag_seconds', 'enrich'))).toBe(60);
  expect(await value(of('kafka_consumergroup_lag_seconds', 'sink-postgres'))).toBe(0);
  expect(await value('switchboard_lag_age_seconds')).toBe(50);
  await watch.stop();
});
