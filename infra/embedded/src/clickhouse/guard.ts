import { exception } from './exception.ts';
import { type NativeAnalysis, READ_ONLY } from './native.ts';
import type { EngineSession } from './session.ts';
import { resetsSetting } from './sql-text.ts';
import type { Statement } from './statement.ts';

/**
 * Functions that read the server's files, settings or any table without asking for a grant that a role can refuse; table
 * functions of which `DESCRIBE` tells any table's columns without asking; and `eval`, whose text is a query that is seen
 * by nothing here.
 */
const FORBIDDEN_FUNCTIONS = new Set(
  [
    'eval',
    'file',
    'catboostEvaluate',
    'getServerSetting',
    'showCertificate',
    'merge',
    'loop',
    'dictionary',
    'executable',
    'mergeTreeIndex',
    'mergeTreeProjection',
    'mergeTreeTextIndex',
    'mergeTreeAnalyzeIndexes',
    'mergeTreeAnalyzeIndexesUUID',
    'timeSeriesData',
    'timeSeriesMetrics',
    'timeSeriesSamples',
    'timeSeriesSelector',
    'timeSeriesTags',
    'prometheusQuery',
    'prometheusQueryRange',
  ].map((name) => name.toLowerCase()),
);

/** Statements that change nothing but the session begin with these. */
const SESSION_WORDS = new Set(['SET', 'USE']);

/** Tables that show other users' statements and values, or the server's settings. Rights can't hide them: to the engine all are one user. */
const FORBIDDEN_TABLES = new Set(
  [
    'processes',
    'user_processes',
    'errors',
    'stack_trace',
    'query_cache',
    'query_condition_cache',
    'asynchronous_inserts',
    'server_settings',
    'schema_inference_cache',
  ].flatMap((table) => [table, `system.${table}`]),
);

/**
 * Refuses a read-only user's statement unless it only reads. The engine's own parser
 * decides, and then its role; this closes what no role closes in chdb: changing the role, the scalar function
 * `file()`, other users' statements, and `SHOW PROCESSLIST`.
 *
 * @throws ClickHouseException 164 for what isn't a read, 497 for a function or table that is refused.
 */
export async function guardReader(
  session: EngineSession,
  sql: string,
  analysis: NativeAnalysis,
): Promise<void> {
  // It passes every constraint, that on `readonly` too.
  if (resetsSetting(sql)) throw denied('DEFAULT for a setting');
  if (analysis.queryClass !== READ_ONLY) {
    throw exception(164, 'READONLY', 'Cannot execute query in readonly mode');
  }
  const tree = Buffer.from((await session.query(`EXPLAIN AST ${sql}`, 'TabSeparatedRaw')).bytes).toString();
  if (/^\s*ShowProcesslist/m.test(tree)) throw denied('SHOW PROCESSLIST');
  for (const [, name] of tree.matchAll(/^\s*Function (\S+)/gm)) {
    if (name && FORBIDDEN_FUNCTIONS.has(name.toLowerCase())) throw denied(`function ${name}`);
  }
  for (const [, name] of tree.matchAll(/^\s*(?:Table)?Identifier (\S+)/gm)) {
    if (name && FORBIDDEN_TABLES.has(name.toLowerCase())) throw denied(`table ${name}`);
  }
  // A column transformer's function isn't shown in the tree.
  if (/Apply/i.test(tree) && /\b(?:file|catboostEvaluate|getServerSetting|showCertificate)\b/i.test(sql)) {
    throw denied('this function in APPLY');
  }
}

/**
 * Refuses what a GET may not do: anything but reading, and settings of a session.
 *
 * @throws ClickHouseException 164
 */
export function guardGet(statement: Statement, analysis: NativeAnalysis): void {
  if (analysis.queryClass === READ_ONLY) return;
  if (statement.kind === 'other' && SESSION_WORDS.has(statement.text.firstWord)) return;
  throw exception(
    164,
    'READONLY',
    'Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries',
  );
}

/** The answer to more than one statement in a request. */
export function multiStatement(): Error {
  return exception(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed)');
}

function denied(what: string): Error {
  return exception(
    497,
    'ACCESS_DENIED',
    `Not enough privileges. The use of ${what} is refused to this user.`,
  );
}
