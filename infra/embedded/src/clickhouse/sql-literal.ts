import { exception } from './exception.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/;

/** Writes a value as a ClickHouse string literal. */
export function quoteString(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`;
}

/** Writes a name as a quoted ClickHouse identifier. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/**
 * Writes `SET a = 'x', param_b = 'y'`; values only ever stand inside literals.
 *
 * @throws ClickHouseException 115 when a name isn't one that a setting or parameter can have.
 */
export function setStatement(settings: ReadonlyArray<readonly [name: string, value: string]>): string {
  const changes = settings.map(([name, value]) => {
    if (!NAME.test(name)) {
      throw exception(
        115,
        'UNKNOWN_SETTING',
        `Setting ${name.slice(0, 64)} is neither a builtin setting nor started with the prefix 'SQL_'`,
      );
    }
    return `${name} = ${quoteString(value)}`;
  });
  return `SET ${changes.join(', ')}`;
}
