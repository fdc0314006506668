import type { Body } from './body.ts';
import { commentOf, type Engine } from './engine.ts';
import { exception } from './exception.ts';
import { guardGet, guardReader, multiStatement } from './guard.ts';
import { killQueries } from './kill-query.ts';
import { type NativeResult, READ_ONLY } from './native.ts';
import type { QueryRequest } from './query-request.ts';
import type { RunningQueries } from './running-queries.ts';
import type { EngineSession } from './session.ts';
import type { SessionState } from './session-state.ts';
import type { SessionStore } from './session-store.ts';
import type { Slots } from './slots.ts';
import type { Spool } from './spool.ts';
import { quoteName, quoteString, setStatement } from './sql-literal.ts';
import { readKill } from './sql-text.ts';
import { readStatementOf, type Statement } from './statement.ts';
import { stoppable } from './stoppable.ts';
import type { User } from './users.ts';

export interface Execution {
  readonly engine: Engine;
  readonly sessions: SessionStore;
  readonly spool: Spool;
  readonly running: RunningQueries;
  /** Room for all users' statements, and for those of read-only users among them. */
  readonly slots: { readonly all: Slots; readonly readers: Slots };
}

/** A statement's result: in memory when it is small, in a spool file when it is a SELECT's. */
export interface Outcome {
  readonly format: string;
  readonly bytes: Uint8Array;
  readonly file: string | undefined;
  readonly summary: Readonly<Record<string, string>>;
}

/** Statements that write rows begin with these: `INSERT …`, `WITH … INSERT …`. */
const WRITES = new Set(['INSERT', 'WITH']);

/** Statements whose result may be large begin with these. */
const FILE_RESULTS = new Set(['SELECT', 'WITH', 'FROM', 'VALUES']);

/**
 * Runs one request.
 *
 * @param gone stops a statement that only reads: nobody waits for it any longer
 * @throws ClickHouseException
 */
export async function execute(
  on: Execution,
  user: User,
  request: QueryRequest,
  body: Body,
  gone: AbortSignal,
): Promise<Outcome> {
  const statement = await readStatementOf(request.query, body, on.spool);
  const killed = await kill(on, user, request, statement);
  if (killed) return killed;
  try {
    const text = statement.kind === 'insert' ? statement.probe : statement.sql;
    const outcome = await on.running.run(user, { queryId: request.queryId, text }, (killed) => {
      const work = () =>
        on.sessions.use(user, request.session, (session, state) =>
          run(on, session, state, user, request, statement, { gone, killed }),
        );
      const inTurn = () => on.slots.all.run(work, killed);
      return user.readonly ? on.slots.readers.run(inTurn, killed) : inTurn();
    });
    if (!outcome) throw exception(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries');
    return outcome;
  } finally {
    if (statement.kind === 'insert' && statement.file) await on.spool.discard(statement.file);
  }
}

/**
 * Kills what the user has running under a `query_id` of its own. It needs no right but being that user, as with a server,
 * no session, which may be the one in use, and no place: all may be taken.
 *
 * @returns undefined for every other statement, and when nothing runs under that id: it may be one of the engine's
 */
async function kill(
  on: Execution,
  user: User,
  request: QueryRequest,
  statement: Statement,
): Promise<Outcome | undefined> {
  if (statement.kind === 'insert') return undefined;
  const asked = readKill(statement.sql.slice(0, statement.text.outputAt));
  const queries = asked ? on.running.find(user, asked.queryId) : [];
  if (!asked || queries.length === 0) return undefined;
  const format = statement.text.format ?? request.defaultFormat;
  return inMemory(format, await killQueries(on.engine, queries, asked.sync, format));
}

async function run(
  on: Execution,
  session: EngineSession,
  state: SessionState | undefined,
  user: User,
  request: QueryRequest,
  statement: Statement,
  { gone, killed }: { readonly gone: AbortSignal; readonly killed: AbortSignal },
): Promise<Outcome> {
  const settings = prepare(request);
  state?.begin(request);
  await session.query(settings, 'Null');
  const text = statement.kind === 'insert' ? statement.probe : statement.sql;
  const analysis = await session.analyse(text);
  if (analysis.statementCount > 1) throw multiStatement();
  if (user.readonly) await guardReader(session, text, analysis);
  else if (request.readonly) guardGet(statement, analysis);
  const until = <T>(signal: AbortSignal, work: () => Promise<T>) =>
    stoppable(signal, () => on.engine.cancel(request.tag), work);
  const write = async (sql: string) => written(await until(killed, () => session.write(sql)));
  const sql = withComment(statement, commentOf(request.tag));
  if (statement.kind === 'insert') return write(sql);
  if (state && statement.text.firstWord === 'SET') return set(session, state, request, statement.sql);
  const reads = analysis.queryClass === READ_ONLY;
  if (!reads && WRITES.has(statement.text.firstWord)) return write(sql);
  const query = (sql: string) =>
    until(reads ? AbortSignal.any([gone, killed]) : killed, () => session.query(sql, request.defaultFormat));
  const format = statement.text.format ?? request.defaultFormat;
  if (!reads || !FILE_RESULTS.has(statement.text.firstWord)) {
    const result = await query(sql);
    if (statement.text.firstWord === 'USE') await state?.learnDatabase();
    return inMemory(format, result);
  }
  const file = on.spool.path();
  const output = `INTO OUTFILE ${quoteString(file)} COMPRESSION 'none' ${commentOf(request.tag)}`;
  try {
    const result = await query(withComment(statement, output));
    return { format, bytes: NOTHING, file, summary: readSummary(result, await on.spool.size(file)) };
  } catch (error) {
    await on.spool.discard(file);
    throw error;
  }
}

const NOTHING = new Uint8Array();

/** A statement with what says whose it is: its own SETTINGS may bring another `log_comment`. */
function withComment(statement: Statement, comment: string): string {
  const { sql } = statement;
  const at = statement.kind === 'insert' ? statement.commentAt : statement.text.outputAt;
  return `${sql.slice(0, at)} ${comment} ${sql.slice(at)}`;
}

/** What a kept session is told stays in it, and what the request's URL says beside it does not. */
async function set(
  session: EngineSession,
  state: SessionState,
  request: QueryRequest,
  sql: string,
): Promise<Outcome> {
  if (!(await state.restore())) throw exception(372, 'SESSION_NOT_FOUND', 'The session had to be closed');
  const result = await session.query(sql, request.defaultFormat);
  state.learnSet(sql);
  return inMemory(request.defaultFormat, result);
}

/** Settings, parameters and database of the request. */
function prepare(request: QueryRequest): string {
  const comment = request.settings.find(([name]) => name === 'log_comment')?.[1];
  const settings = request.settings.filter(([name]) => name !== 'log_comment');
  const changes: Array<readonly [string, string]> = [
    ...settings,
    ...request.parameters.map(([name, value]): readonly [string, string] => [`param_${name}`, value]),
    ['log_comment', comment ? `${comment} ${request.tag}` : request.tag],
  ];
  const use = request.database ? `; USE ${quoteName(request.database)}` : '';
  return setStatement(changes) + use;
}

function inMemory(format: string, result: NativeResult): Outcome {
  return { format, bytes: result.bytes, file: undefined, summary: readSummary(result, result.bytes.length) };
}

function readSummary(result: NativeResult, bytes: number): Outcome['summary'] {
  return summary(
    {
      read_rows: result.rowsRead,
      read_bytes: result.bytesRead,
      result_rows: result.rowsRead,
      result_bytes: bytes,
    },
    result.elapsed,
  );
}

function written(write: {
  readonly rowsWritten: number;
  readonly bytesWritten: number;
  readonly elapsed: number;
}): Outcome {
  const { rowsWritten, bytesWritten } = write;
  return {
    format: '',
    bytes: NOTHING,
    file: undefined,
    summary: summary(
      {
        read_rows: rowsWritten,
        read_bytes: bytesWritten,
        written_rows: rowsWritten,
        written_bytes: bytesWritten,
        result_rows: rowsWritten,
        result_bytes: bytesWritten,
      },
      write.elapsed,
    ),
  };
}

function summary(counts: Readonly<Record<string, number>>, elapsedSeconds: number): Outcome['summary'] {
  const all = {
    read_rows: 0,
    read_bytes: 0,
    written_rows: 0,
    written_bytes: 0,
    total_rows_to_read: 0,
    result_rows: 0,
    result_bytes: 0,
    ...counts,
    elapsed_ns: Math.round(elapsedSeconds * 1e9),
  };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]));
}
