import type { QueryRequest } from './query-request.ts';
import type { EngineSession } from './session.ts';
import { quoteName, setStatement } from './sql-literal.ts';
import { readSet } from './sql-text.ts';

/** A session's own limits must not keep its settings from being read; a read-only user may raise them so far, and no further. */
const UNLIMITED =
  'SETTINGS max_rows_to_read = 0, max_bytes_to_read = 0, max_result_rows = 0, max_result_bytes = 1073741824, max_execution_time = 120, limit = 0, offset = 0';

/**
 * What holds in a kept session between its requests: what it was opened with, and over that what the client's `SET` and
 * `USE` have said. A request's own settings, parameters and database hold until its end, as on a server.
 */
export class SessionState {
  readonly #session: EngineSession;
  readonly #profile: string;
  /** Sets what the session was opened with. */
  readonly #opened: string;
  /** As the client wrote them, in the order in which they were set last. */
  readonly #settings = new Map<string, string>();
  readonly #parameters = new Map<string, string>();
  #database: string;
  #request: QueryRequest | undefined;
  #usable = true;

  private constructor(session: EngineSession, profile: string, opened: string, database: string) {
    this.#session = session;
    this.#profile = profile;
    this.#opened = opened;
    this.#database = database;
  }

  /** Reads the state of a session that nobody has used yet. */
  static async of(session: EngineSession): Promise<SessionState> {
    const profile = await textOf(session, 'SELECT currentProfiles()[1]');
    const opened = setStatement(await changedSettings(session));
    return new SessionState(session, profile, opened, await currentDatabase(session));
  }

  /** Says that a request's settings, parameters and database are about to be set. */
  begin(request: QueryRequest): void {
    this.#request = request;
  }

  /**
   * Brings back what held before the request, once.
   *
   * @returns whether it did; else the session is of no more use.
   */
  async restore(): Promise<boolean> {
    const request = this.#request;
    this.#request = undefined;
    try {
      if (request) await this.#restore(request);
    } catch {
      this.#usable = false;
    }
    return this.#usable;
  }

  /** Takes in what a `SET` has said that the session has run after {@link restore}. */
  learnSet(sql: string): void {
    for (const [name, value] of readSet(sql)) {
      const kind = name.startsWith('param_') ? this.#parameters : this.#settings;
      kind.delete(name);
      kind.set(name, value);
    }
  }

  /** Takes in the database that a `USE` has chosen. */
  async learnDatabase(): Promise<void> {
    this.#database = await currentDatabase(this.#session, UNLIMITED);
  }

  async #restore({ settings, parameters, database }: QueryRequest): Promise<void> {
    const names = new Set(['log_comment', ...settings.map(([name]) => name)]);
    if (names.has('compatibility')) await this.#run(setStatement([['compatibility', '']]));
    // Of its own, since beside readonly = 1 nothing else can be set.
    if (names.has('readonly')) await this.#reset(['readonly']);
    if (names.delete('profile')) {
      for (const [name] of await changedSettings(this.#session, UNLIMITED)) names.add(name);
      await this.#run(setStatement([['profile', this.#profile]]));
    }
    await this.#reset([...names]);
    await this.#run(this.#opened);
    if (parameters.length > 0) {
      await this.#session.dropParameters();
      await this.#set(this.#parameters);
    }
    await this.#set(this.#settings);
    if (database !== undefined) await this.#run(`USE ${quoteName(this.#database)}`);
  }

  async #reset(names: readonly string[]): Promise<void> {
    await this.#run(`SET ${names.map((name) => `${name} = DEFAULT`).join(', ')}`);
  }

  async #set(written: ReadonlyMap<string, string>): Promise<void> {
    if (written.size === 0) return;
    await this.#run(`SET ${[...written].map(([name, value]) => `${name} = ${value}`).join(', ')}`);
  }

  async #run(sql: string): Promise<void> {
    await this.#session.query(sql, 'Null');
  }
}

/** Those of a session that nobody has used hold neither tabs nor line ends. */
async function changedSettings(session: EngineSession, clause = ''): Promise<Array<[string, string]>> {
  const sql = `SELECT name, value FROM system.settings WHERE changed AND alias_for = '' ${clause}`;
  const text = await textOf(session, sql);
  return text.split('\n').map((line) => {
    const [name = '', value = ''] = line.split('\t');
    return [name, value];
  });
}

async function currentDatabase(session: EngineSession, clause = ''): Promise<string> {
  return textOf(session, `SELECT currentDatabase() ${clause}`);
}

async function textOf(session: EngineSession, sql: string): Promise<string> {
  const { bytes } = await session.query(sql, 'TabSeparatedRaw');
  return Buffer.from(bytes).toString().trimEnd();
}
