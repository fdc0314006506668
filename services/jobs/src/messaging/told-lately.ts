/** What was told lately; it need not be known elsewhere yet. */
export interface ToldLately {
  has(id: string): boolean;
  add(id: string): void;
}

/** @param most that are remembered; beyond it the oldest are forgotten  @param forMs how long each is */
export function rememberTold({
  now,
  forMs,
  most,
}: {
  now(): number;
  forMs: number;
  most: number;
}): ToldLately {
  /** In the order in which they were told. */
  const times = new Map<string, number>();
  const isOver = (at: number) => now() - at >= forMs;
  return {
    has(id) {
      const at = times.get(id);
      return at !== undefined && !isOver(at);
    },
    add(id) {
      times.delete(id);
      times.set(id, now());
      for (const [oldest, at] of times) {
        if (times.size <= most && !isOver(at)) return;
        times.delete(oldest);
      }
    },
  };
}
