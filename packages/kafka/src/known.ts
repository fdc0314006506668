import { SwitchboardError } from '@switchboard/platform';

/** A value that the registry gave, or that the disk remembers of it until the registry can be asked. */
export interface Known<T> {
  value: T;
  confirmed: boolean;
  askAgainAt: number;
}

export interface Lookup<T> {
  /** From the registry; from the disk when the registry is away. */
  ask(): Promise<T>;
  remembered(): Promise<T | undefined>;
  remember(value: T): Promise<void>;
}

const askAgainMs = 10_000;

/**
 * Values looked up once, then known at once. The registry is asked first: the disk may remember ids of a registry
 * that was since made anew under the same address.
 */
export function createKnown<K, T>(
  lookup: (key: K) => Lookup<T>,
): {
  get(key: K): T | undefined;
  find(key: K): Promise<T>;
  /** Looks once more for what was wanted last in vain, as neither registry nor disk gave it. */
  findMissing(): Promise<void>;
} {
  const known = new Map<K, Known<T>>();
  const asked = new Map<K, Promise<T>>();
  const missing = new Set<K>();

  async function ask(key: K): Promise<T> {
    const { ask: askRegistry, remembered, remember } = lookup(key);
    try {
      const value = await askRegistry();
      known.set(key, { value, confirmed: true, askAgainAt: 0 });
      missing.delete(key);
      // A full disk must not stop events whose schema is known.
      await remember(value).catch(() => {});
      return value;
    } catch (error) {
      const entry = known.get(key);
      if (entry) entry.askAgainAt = Date.now() + askAgainMs;
      if (!isAway(error)) {
        missing.delete(key);
        throw error;
      }
      const value = entry?.value ?? (await remembered());
      if (value === undefined) {
        missing.add(key);
        throw error;
      }
      known.set(key, { value, confirmed: false, askAgainAt: Date.now() + askAgainMs });
      missing.delete(key);
      return value;
    }
  }

  function askOnce(key: K): Promise<T> {
    let answer = asked.get(key);
    if (!answer) {
      answer = ask(key).finally(() => asked.delete(key));
      asked.set(key, answer);
    }
    return answer;
  }

  function get(key: K): T | undefined {
    const entry = known.get(key);
    if (entry && !entry.confirmed && Date.now() >= entry.askAgainAt) askOnce(key).catch(() => {});
    return entry?.value;
  }

  const find = async (key: K) => get(key) ?? (await askOnce(key));
  return {
    get,
    find,
    async findMissing() {
      await Promise.all([...missing].map(find));
    },
  };
}

const isAway = (error: unknown) => error instanceof SwitchboardError && error.code === 'registry_unavailable';
