/** Runs what is due in the order of its time; what is due at one moment in the order in which it was said. */
export interface Clock {
  /** Simulated ms since the beginning. */
  now(): number;
  after(ms: number, run: () => void): void;
  /** Goes on until nothing is due any more, or until this moment. */
  runUntil(endMs: number): void;
}

export function createClock(): Clock {
  const heap: { at: number; turn: number; run: () => void }[] = [];
  let now = 0;
  let turn = 0;
  const isBefore = (left: number, right: number) => {
    const [a, b] = [heap[left], heap[right]];
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.turn < b.turn));
  };
  const swap = (left: number, right: number) => {
    const [a, b] = [heap[left], heap[right]];
    if (a && b) [heap[left], heap[right]] = [b, a];
  };
  const take = () => {
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0 && last) heap[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (isBefore(left, least)) least = left;
      if (isBefore(right, least)) least = right;
      if (least === at) return first;
      swap(at, least);
      at = least;
    }
  };
  return {
    now: () => now,
    after(ms, run) {
      heap.push({ at: now + ms, turn: turn++, run });
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!isBefore(at, parent)) break;
        swap(at, parent);
        at = parent;
      }
    },
    runUntil(endMs) {
      for (let next = heap[0]; next && next.at <= endMs; next = heap[0]) {
        take();
        now = next.at;
        next.run();
      }
    },
  };
}

/** Processors that jobs wait for, first come first served; each job keeps one until it is done. */
export interface Cores {
  /** @param ms how long it keeps one */
  work(ms: number, done: () => void): void;
  /** Time that was worked, ms, over all of them. */
  busyMs(): number;
}

export function createCores(clock: Clock, count: number): Cores {
  const waiting = createQueue<{ ms: number; done: () => void }>();
  let free = count;
  let busyMs = 0;
  const begin = (ms: number, done: () => void) => {
    free -= 1;
    clock.after(ms, () => {
      busyMs += ms;
      free += 1;
      const next = waiting.shift();
      if (next) begin(next.ms, next.done);
      done();
    });
  };
  return {
    work: (ms, done) => (free > 0 ? begin(ms, done) : waiting.push({ ms, done })),
    busyMs: () => busyMs,
  };
}

/** How one after the other is done what has the same key: an instance, a clinic, a shard. */
export interface LinesOptions<T> {
  clock: Clock;
  cores: Cores;
  /** Most that is done at once of one key; what waits is taken together, up to this. */
  atOnce: number;
  /** Most keys that are worked on at a time (connections of a pool); unbounded unless given. */
  lines?: number;
  /** Processor time of so many at once, ms. */
  costMs(count: number): number;
  /** What passes besides without a processor, ms (a commit that waits for the disk). */
  waitMs?: number;
  /** From the end of one to the beginning of the next of the same key, ms; none unless given. */
  restMs?(tookMs: number): number;
  done(items: readonly T[]): void;
}

export interface Lines<T> {
  add(key: number, item: T): void;
  /** How many wait or are worked on. */
  inside(): number;
}

export function createLines<T>(options: LinesOptions<T>): Lines<T> {
  const { clock, cores, atOnce, lines = Number.POSITIVE_INFINITY, waitMs = 0 } = options;
  const queues = new Map<number, Queue<T>>();
  /** Keys that are worked on, rest, or wait for a line. */
  const taken = new Set<number>();
  const inTurn = createQueue<number>();
  let open = lines;
  let inside = 0;

  const offer = (key: number) => {
    if (taken.has(key) || !queues.get(key)?.length()) return;
    taken.add(key);
    if (open > 0) begin(key);
    else inTurn.push(key);
  };
  const begin = (key: number) => {
    open -= 1;
    const queue = queues.get(key);
    const items: T[] = [];
    for (let item = queue?.shift(); item !== undefined; item = queue?.shift()) {
      items.push(item);
      if (items.length === atOnce) break;
    }
    const begunAt = clock.now();
    cores.work(options.costMs(items.length), () =>
      clock.after(waitMs, () => {
        open += 1;
        inside -= items.length;
        options.done(items);
        clock.after(options.restMs?.(clock.now() - begunAt) ?? 0, () => {
          taken.delete(key);
          offer(key);
        });
        const next = inTurn.shift();
        if (next !== undefined) begin(next);
      }),
    );
  };
  return {
    add(key, item) {
      const queue = queues.get(key) ?? createQueue<T>();
      queues.set(key, queue);
      queue.push(item);
      inside += 1;
      offer(key);
    },
    inside: () => inside,
  };
}

interface Queue<T> {
  push(item: T): void;
  shift(): T | undefined;
  length(): number;
}

/** An array's own `shift` moves all that is left. */
function createQueue<T>(): Queue<T> {
  let items: T[] = [];
  let first = 0;
  return {
    push: (item) => void items.push(item),
    shift() {
      if (first === items.length) return undefined;
      const item = items[first];
      first += 1;
      if (first > 1_024 && first * 2 > items.length) {
        items = items.slice(first);
        first = 0;
      }
      return item;
    },
    length: () => items.length - first,
  };
}
