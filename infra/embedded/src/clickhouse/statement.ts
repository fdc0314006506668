import { isUtf8 } from 'node:buffer';
import { type Body, HEAD_BYTES } from './body.ts';
import { exception } from './exception.ts';
import type { Spool } from './spool.ts';
import { quoteString } from './sql-literal.ts';
import { findInsertData, readStatement, type StatementText } from './sql-text.ts';

/** A statement as it is given to the engine. */
export type Statement =
  | {
      readonly kind: 'insert';
      readonly sql: string;
      /** Where a comment may be put. */
      readonly commentAt: number;
      readonly file: string | undefined;
      readonly probe: string;
    }
  | { readonly kind: 'other'; readonly sql: string; readonly text: StatementText };

/** Rows given as VALUES are small mostly; up to this many bytes they go to the engine with the statement. */
const INLINE_VALUES_BYTES = 256 * 1024;

/**
 * Puts the `query` parameter and the body together, as ClickHouse does: the statement may stand in either, and an
 * INSERT's rows follow it. The rows are spooled to a file: within the text chdb reads one line of them only.
 *
 * @throws ClickHouseException 62 for an empty query, 229 for one that is too long, 78 for `FROM INFILE`,
 *   358 for `INTO OUTFILE`.
 */
export async function readStatementOf(query: string, body: Body, spool: Spool): Promise<Statement> {
  const separator = query && body.head.length > 0 ? '\n' : '';
  const start = Buffer.concat([Buffer.from(query + separator), body.head]);
  const insert = findInsertData(start.subarray(0, HEAD_BYTES).toString('latin1'));
  if (insert) {
    const before = start.subarray(0, insert.sourceAt).toString();
    const settings = start.subarray(insert.sourceAt, insert.clauseAt).toString();
    const probe = `${before}${settings}FORMAT ${insert.format}`;
    const inline =
      insert.format === 'Values' && body.complete && start.length <= INLINE_VALUES_BYTES && isUtf8(start);
    const commentAt = before.length;
    if (inline) return { kind: 'insert', sql: start.toString(), commentAt, file: undefined, probe };
    const { path } = await spool.write(following(start.subarray(insert.dataAt), body.rest));
    const source = `FROM INFILE ${quoteString(path)} COMPRESSION 'none'`;
    return {
      kind: 'insert',
      sql: `${before} ${source} ${settings} FORMAT ${insert.format}`,
      commentAt,
      file: path,
      probe,
    };
  }
  if (!body.complete || start.length > HEAD_BYTES) {
    throw exception(229, 'QUERY_IS_TOO_LARGE', `Query is longer than ${HEAD_BYTES} bytes`);
  }
  const sql = start.toString();
  const text = readStatement(sql);
  if (!text.firstWord) throw exception(62, 'SYNTAX_ERROR', 'Empty query');
  if (text.usesFiles) {
    throw text.firstWord === 'INSERT'
      ? exception(78, 'UNKNOWN_TYPE_OF_QUERY', 'Query has infile and was send directly to server')
      : exception(358, 'INTO_OUTFILE_NOT_ALLOWED', 'INTO OUTFILE is not allowed');
  }
  return { kind: 'other', sql, text };
}

async function* following(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  if (first.length > 0) yield first;
  yield* rest;
  return undefined;
}
