import DataLoader from 'dataloader';

/**
 * Answers calls that come within one turn of the event loop by one call: what partitions ask for at the same time is asked
 * for once.
 * @param answer for each key in order; what it throws, each of them gets
 */
export function gather<K, V>(answer: (keys: readonly K[]) => Promise<readonly V[]>): (key: K) => Promise<V> {
  const loader = new DataLoader<K, V>(answer, {
    cache: false,
    batchScheduleFn: setImmediate,
  });
  return (key) => loader.load(key);
}
