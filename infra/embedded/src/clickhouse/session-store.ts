import type { Engine } from './engine.ts';
import { exception } from './exception.ts';
import type { QueryRequest } from './query-request.ts';
import type { EngineSession } from './session.ts';
import { SessionState } from './session-state.ts';
import type { User } from './users.ts';

interface Held {
  /** Settles when it is open. */
  readonly opened: Promise<Opened>;
  busy: boolean;
  timer: NodeJS.Timeout | undefined;
}

interface Opened {
  readonly session: EngineSession;
  readonly state: SessionState;
}

/** Each session has some sixteen files open. */
const MOST_HELD = 32;

/** Sessions of the engine: one per request, or one kept under the `session_id` that a client names. */
export class SessionStore {
  readonly #engine: Engine;
  /** The one that was used last comes last. */
  readonly #held = new Map<string, Held>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Gives a session to the work and closes or keeps it afterwards. Of one that is kept it gives the state too, which is
   * brought back when the work has ended. Beyond the most that are kept the longest idle is closed.
   *
   * @throws ClickHouseException 372 when a session must exist and doesn't, 373 when it is in use, 202 when all are.
   */
  async use<T>(
    user: User,
    named: QueryRequest['session'],
    work: (session: EngineSession, state: SessionState | undefined) => Promise<T>,
  ): Promise<T> {
    if (named) return this.#useHeld(`${user.name}/${named.id}`, user, named, work);
    const session = await this.#engine.session(user);
    try {
      return await work(session, undefined);
    } finally {
      await this.#engine.release(session);
    }
  }

  async #useHeld<T>(
    key: string,
    user: User,
    named: NonNullable<QueryRequest['session']>,
    work: (session: EngineSession, state: SessionState) => Promise<T>,
  ): Promise<T> {
    const known = this.#held.get(key);
    if (known?.busy) throw exception(373, 'SESSION_IS_LOCKED', 'Session is locked by a concurrent client');
    if (!known && named.mustExist) throw exception(372, 'SESSION_NOT_FOUND', 'Session not found');
    if (!known) this.#makeRoom();
    // Held before it is open, so that a second request of the session finds it.
    const held: Held = known ?? { opened: this.#open(user), busy: true, timer: undefined };
    held.busy = true;
    clearTimeout(held.timer);
    this.#held.delete(key);
    this.#held.set(key, held);
    let keep = false;
    try {
      const { session, state } = await held.opened;
      try {
        return await work(session, state);
      } finally {
        keep = !named.close && (await state.restore());
      }
    } finally {
      held.busy = false;
      if (keep) {
        held.timer = setTimeout(() => this.#drop(key), named.timeoutSeconds * 1000);
        held.timer.unref();
      } else this.#drop(key);
    }
  }

  async #open(user: User): Promise<Opened> {
    const session = await this.#engine.session(user);
    try {
      return { session, state: await SessionState.of(session) };
    } catch (error) {
      await this.#engine.release(session);
      throw error;
    }
  }

  #makeRoom(): void {
    if (this.#held.size < MOST_HELD) return;
    const idle = [...this.#held].find(([, { busy }]) => !busy);
    if (!idle) {
      throw exception(
        202,
        'TOO_MANY_SIMULTANEOUS_QUERIES',
        'Too many sessions are in use under a session_id',
      );
    }
    this.#drop(idle[0]);
  }

  #drop(key: string): void {
    const held = this.#held.get(key);
    if (!held) return;
    clearTimeout(held.timer);
    this.#held.delete(key);
    // One that never opened has nothing to close.
    held.opened.then(({ session }) => this.#engine.release(session)).catch(() => undefined);
  }
}
