import type { User } from './users.ts';

export interface RunningQuery {
  readonly user: string;
  readonly queryId: string;
  readonly text: string;
  readonly kill: AbortController;
  /** Settles with the request's work. */
  readonly ended: Promise<unknown>;
}

/** Requests that run or wait for their turn, under the `query_id` of their clients, which the engine does not take. */
export class RunningQueries {
  readonly #queries = new Set<RunningQuery>();

  /** Does a request's work; its signal says that the query was killed. */
  async run<T>(
    { name: user }: User,
    { queryId, text }: Pick<RunningQuery, 'queryId' | 'text'>,
    work: (killed: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const kill = new AbortController();
    const ended = work(kill.signal);
    const query = { user, queryId, text, kill, ended };
    this.#queries.add(query);
    try {
      return await ended;
    } finally {
      this.#queries.delete(query);
    }
  }

  /** A client may give several requests one id. */
  find(user: User, queryId: string): readonly RunningQuery[] {
    return [...this.#queries].filter((query) => query.user === user.name && query.queryId === queryId);
  }
}
