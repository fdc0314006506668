import type { Engine } from './engine.ts';
import { exception } from './exception.ts';
import type { QueryRequest } from './query-request.ts';
import type { EngineSession } from './session.ts';
import type { User } from './users.ts';

interface Held {
  /** Settles when it is open. */
  readonly session: Promise<EngineSession>;
  busy: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Each session has some sixteen files open. */
const MOST_HELD = 32;

/** Sessions of the engine: one per request, or one kept under the `session_id` that a client names. */
export class SessionStore {
  readonly #engine: Engine;
  readonly #held = new Map<string, Held>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Gives a session to the work and closes or keeps it afterwards.
   *
   * @throws ClickHouseException 372 when a session must exist and doesn't, 373 when it is in use.
   */
  async use<T>(
    user: User,
    named: QueryRequest['session'],
    work: (session: EngineSession) => Promise<T>,
  ): Promise<T> {
    if (named) return this.#useHeld(`${user.name}/${named.id}`, user, named, work);
    const session = await this.#engine.session(user);
    try {
      return await work(session);
    } finally {
      await this.#engine.release(session);
    }
  }

  async #useHeld<T>(
    key: string,
    user: User,
    named: { readonly timeoutSeconds: number; readonly mustExist: boolean },
    work: (session: EngineSession) => Promise<T>,
  ): Promise<T> {
    const known = this.#held.get(key);
    if (known?.busy) throw exception(373, 'SESSION_IS_LOCKED', 'Session is locked by a concurrent client');
    if (!known && named.mustExist) throw exception(372, 'SESSION_NOT_FOUND', 'Session not found');
    if (!known && this.#held.size >= MOST_HELD) {
      throw exception(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many sessions are kept under a session_id');
    }
    // Held before it is open, so that a second request of the session finds it.
    const held: Held = known ?? { session: this.#engine.session(user), busy: true, timer: undefined };
    held.busy = true;
    clearTimeout(held.timer);
    this.#held.set(key, held);
    try {
      return await work(await held.session);
    } finally {
      held.busy = false;
      held.timer = setTimeout(() => this.#drop(key), named.timeoutSeconds * 1000);
      held.timer.unref();
    }
  }

  #drop(key: string): void {
    const held = this.#held.get(key);
    if (!held) return;
    clearTimeout(held.timer);
    this.#held.delete(key);
    // One that never opened has nothing to close.
    held.session.then((session) => this.#engine.release(session)).catch(() => undefined);
  }
}
