export interface ReuseOptions {
  /** How old a kept value may be, milliseconds. */
  maxAgeMs: number;
  now(): number;
  maxKeys?: number;
}

export interface Reuse<T> {
  /** The value under the key, made now unless one is being made or is young enough. */
  get(key: string, make: () => Promise<T>): Promise<T>;
  /** Whoever asks from now on gets a new one, also while one is being made. Without a key: of all. */
  forget(key?: string): void;
}

interface Kept<T> {
  value: Promise<T>;
  /** When it was begun. */
  at: number;
  pending: boolean;
}

/** Keeps values for a moment, so that many who ask the same at once cost one query. A failure is not kept. */
export function createReuse<T>({ maxAgeMs, now, maxKeys = 1_000 }: ReuseOptions): Reuse<T> {
  const kept = new Map<string, Kept<T>>();
  const isFresh = (entry: Kept<T>) => entry.pending || now() - entry.at <= maxAgeMs;
  return {
    get(key, make) {
      const known = kept.get(key);
      if (known && isFresh(known)) return known.value;
      const entry: Kept<T> = { at: now(), value: make(), pending: true };
      kept.delete(key);
      kept.set(key, entry);
      entry.value.then(
        () => {
          entry.pending = false;
        },
        () => {
          if (kept.get(key) === entry) kept.delete(key);
        },
      );
      dropOld();
      return entry.value;
    },
    forget(key) {
      if (key === undefined) kept.clear();
      else kept.delete(key);
    },
  };

  /** Oldest first; the newest key stays whatever comes. */
  function dropOld(): void {
    for (const [key, entry] of kept) {
      if (kept.size <= 1 || (kept.size <= maxKeys && isFresh(entry))) return;
      kept.delete(key);
    }
  }
}
