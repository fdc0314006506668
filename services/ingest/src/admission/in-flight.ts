/** Bodies that are held in memory, from their first byte to the answer. */
export interface InFlight {
  readonly requests: number;
  readonly bytes: number;
  /** A place for one request; undefined when there is none, or no room for `declaredBytes`. */
  enter(declaredBytes: number): Held | undefined;
}

/** One request's share. */
export interface Held {
  /** False when the bytes would be more than may be held. */
  add(bytes: number): boolean;
  /** Gives all back; doing it again does nothing. */
  release(): void;
}

export interface InFlightOptions {
  maxRequests: number;
  maxBytes: number;
}

/** Bounds what is in memory at a time, so that a flood is answered 503 and not by running out of it. */
export function createInFlight({ maxRequests, maxBytes }: InFlightOptions): InFlight {
  let requests = 0;
  let bytes = 0;
  return {
    get requests() {
      return requests;
    },
    get bytes() {
      return bytes;
    },
    enter(declaredBytes) {
      if (requests >= maxRequests || bytes + declaredBytes > maxBytes) return undefined;
      requests += 1;
      let held = 0;
      let released = false;
      return {
        // Counted as they come: a large declared length alone holds nothing.
        add(more) {
          if (released || bytes + more > maxBytes) return false;
          bytes += more;
          held += more;
          return true;
        },
        release() {
          if (released) return;
          released = true;
          requests -= 1;
          bytes -= held;
        },
      };
    },
  };
}
