/** Lets at most `size` holders in at once; the others wait in order, at most `queue` of them. */
export class Slots {
  readonly #waiting: Array<() => void> = [];
  readonly #queue: number;
  #free: number;

  constructor(size: number, queue: number) {
    this.#free = size;
    this.#queue = queue;
  }

  /** Runs the work when there is room. Returns undefined, without running it, when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#free > 0) this.#free -= 1;
    else if (this.#waiting.length >= this.#queue) return undefined;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
