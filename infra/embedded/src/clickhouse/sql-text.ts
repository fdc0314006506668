/** A word or sign of a query, with its place. Strings, comments and whitespace make no token of kind `word`. */
interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'sign';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

/** An INSERT whose rows follow the statement. Offsets are into the text that was read. */
export interface InsertWithData {
  /** Where `FROM INFILE` may be put: before SETTINGS, FORMAT or VALUES. */
  readonly sourceAt: number;
  /** Where the FORMAT or VALUES clause starts. */
  readonly clauseAt: number;
  readonly format: string;
  /** Where the rows begin. */
  readonly dataAt: number;
}

const TOKEN =
  /(?<space>\s+|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>'(?:[^'\\]|\\[\s\S]|'')*'?|\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$)|(?<quoted>`(?:[^`\\]|\\[\s\S]|``)*`?|"(?:[^"\\]|\\[\s\S]|"")*"?)|(?<word>[A-Za-z0-9_]+)|(?<sign>[\s\S])/gy;

const ROW_SOURCES = new Set(['SELECT', 'WITH', 'FROM', 'WATCH']);

/**
 * Finds where the rows of an INSERT begin.
 *
 * @param text the statement and the beginning of its data, one character per byte (latin1)
 * @returns undefined when this is no INSERT or its rows come from a query
 */
export function findInsertData(text: string): InsertWithData | undefined {
  const tokens = tokenize(text);
  const first = tokens.next();
  if (first.done || !isWord(first.value, 'INSERT')) return undefined;
  let previous = first.value;
  let settingsAt: number | undefined;
  for (const token of tokens) {
    const afterName =
      previous.depth === 0 &&
      !['INSERT', 'INTO', 'TABLE', 'FUNCTION', '.'].includes(previous.text.toUpperCase());
    if (token.depth === 0 && token.kind === 'word' && afterName) {
      const word = token.text.toUpperCase();
      if (ROW_SOURCES.has(word)) return undefined;
      if (word === 'SETTINGS') settingsAt ??= token.start;
      if (word === 'VALUES')
        return {
          sourceAt: settingsAt ?? token.start,
          clauseAt: token.start,
          format: 'Values',
          dataAt: token.end,
        };
      if (word === 'FORMAT') {
        const format = tokens.next();
        if (format.done) return undefined;
        const name = format.value;
        const dataAt = skipLineEnd(text, name.end);
        return { sourceAt: settingsAt ?? token.start, clauseAt: token.start, format: name.text, dataAt };
      }
    }
    previous = token;
  }
  return undefined;
}

/** What a statement that isn't an INSERT with data says about itself. */
export interface StatementText {
  readonly firstWord: string;
  /** The format named at its end. */
  readonly format: string | undefined;
  /** Where `INTO OUTFILE` may be put: before FORMAT, or after the statement. */
  readonly outputAt: number;
  /** It reads or writes files of the server: `INTO OUTFILE`, `FROM INFILE`. */
  readonly usesFiles: boolean;
}

/** Reads what is needed to run a statement into a file. */
export function readStatement(text: string): StatementText {
  const all = [...tokenize(text)];
  while (all.at(-1)?.text === ';') all.pop();
  const last = all.at(-1);
  let outputAt = last?.end ?? 0;
  let format: string | undefined;
  let usesFiles = false;
  for (const [index, token] of all.entries()) {
    const next = all[index + 1];
    if (token.kind !== 'word' || next?.kind !== 'word') continue;
    if (isWord(token, 'INTO') && isWord(next, 'OUTFILE')) usesFiles = true;
    if (isWord(token, 'FROM') && isWord(next, 'INFILE')) usesFiles = true;
    const after = all[index + 2];
    if (index > 0 && token.depth === 0 && isWord(token, 'FORMAT') && (!after || isWord(after, 'SETTINGS'))) {
      outputAt = token.start;
      format = next.text;
    }
  }
  const first = all.find((token) => token.text !== '(');
  return { firstWord: first?.text.toUpperCase() ?? '', format, outputAt, usesFiles };
}

/**
 * Reads `KILL QUERY WHERE query_id = '…' [SYNC|ASYNC]`.
 *
 * @param text a statement up to its FORMAT
 * @returns undefined for any other statement, and for an id with an escape that stands for another character
 */
export function readKill(text: string): { readonly queryId: string; readonly sync: boolean } | undefined {
  const [kill, query, where, column, equals, id, mode, more] = tokenize(text);
  const asked = [kill, query, where, column, equals].map((token) => token?.text.toUpperCase()).join(' ');
  if (asked !== 'KILL QUERY WHERE QUERY_ID =' || column?.text !== 'query_id' || id?.kind !== 'string' || more)
    return undefined;
  if (mode && !isWord(mode, 'SYNC') && !isWord(mode, 'ASYNC')) return undefined;
  const written = /^'((?:[^'\\]|\\['\\]|'')*)'$/.exec(id.text)?.[1];
  if (written === undefined) return undefined;
  const queryId = written.replaceAll(/(?:\\|')(['\\])/g, '$1');
  return { queryId, sync: mode?.text.toUpperCase() === 'SYNC' };
}

/** Whether `= DEFAULT` stands in a statement, which in a SETTINGS clause sets a setting back to the engine's default. */
export function resetsSetting(text: string): boolean {
  let previous: Token | undefined;
  for (const token of tokenize(text)) {
    if (previous?.text === '=' && isWord(token, 'DEFAULT')) return true;
    previous = token;
  }
  return false;
}

/**
 * Reads what a SET statement sets, as it is written there; a setting that stands alone is on.
 *
 * @param text a statement that the engine has taken. `SET ROLE`, `SET DEFAULT ROLE` and `SET TRANSACTION` set nothing.
 */
export function readSet(text: string): ReadonlyArray<readonly [name: string, value: string]> {
  const [set, ...tokens] = tokenize(text);
  while (tokens.at(-1)?.text === ';') tokens.pop();
  const [first, second] = tokens;
  if (!set || !first || !isWord(set, 'SET')) return [];
  const written = (part: readonly Token[]) => text.slice(part[0]?.start, part.at(-1)?.end);
  if (isWord(first, 'TIME') && second && isWord(second, 'ZONE')) {
    return [['session_timezone', written(tokens.slice(tokens[2]?.text === '=' ? 3 : 2))]];
  }
  if (second && second.kind !== 'sign') return [];
  return splitAtCommas(tokens).map((part) => {
    const equals = part.findIndex(({ text: sign }) => sign === '=');
    return equals < 0
      ? [written(part), '1']
      : [written(part.slice(0, equals)), written(part.slice(equals + 1))];
  });
}

function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let braces = 0;
  for (const token of tokens) {
    if (token.text === '{') braces += 1;
    if (token.text === '}') braces -= 1;
    if (token.text === ',' && token.depth === 0 && braces === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function* tokenize(text: string): Generator<Token, undefined> {
  const pattern = new RegExp(TOKEN);
  let depth = 0;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const { groups, index } = found;
    const value = found[0];
    if (groups?.space !== undefined) continue;
    if (value === ')' || value === ']') depth -= 1;
    const kind =
      groups?.word !== undefined
        ? 'word'
        : groups?.quoted !== undefined
          ? 'quoted'
          : groups?.string !== undefined
            ? 'string'
            : 'sign';
    yield { kind, text: value, start: index, end: index + value.length, depth };
    if (value === '(' || value === '[') depth += 1;
  }
  return undefined;
}

function isWord(token: Token, word: string): boolean {
  return token.kind === 'word' && token.text.toUpperCase() === word;
}

/** Spaces and one line end part the format's name from the rows, as in ClickHouse's own parser. */
function skipLineEnd(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\f') at += 1;
  if (text[at] === ';') at += 1;
  if (text[at] === '\r') at += 1;
  if (text[at] === '\n') at += 1;
  return at;
}
