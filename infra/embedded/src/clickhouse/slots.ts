/** Lets at most `size` holders in at once; the others wait in order, at most `queue` of them. */
export class Slots {
  readonly #waiting: Array<() => void> = [];
  readonly #queue: number;
  #free: number;

  constructor(size: number, queue: number) {
    this.#free = size;
    this.#queue = queue;
  }

  /**
   * Runs the work when there is room. Returns undefined, without running it, when too many wait already.
   * @param givenUp leaves the queue
   * @throws the signal's reason then
   */
  async run<T>(work: () => Promise<T>, givenUp?: AbortSignal): Promise<T | undefined> {
    givenUp?.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else if (this.#waiting.length >= this.#queue) return undefined;
    else await this.#turn(givenUp);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  async #turn(givenUp: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      const at = this.#waiting.indexOf(resolve);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      reject(givenUp?.reason);
    };
    this.#waiting.push(resolve);
    givenUp?.addEventListener('abort', leave);
    try {
      await promise;
    } finally {
      givenUp?.removeEventListener('abort', leave);
    }
  }
}
