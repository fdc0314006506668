import { describe, expect, it } from 'vitest';
import { quoteName, setStatement } from './sql-literal.ts';

describe('setStatement', () => {
  it('keeps every value inside its literal', () => {
    expect(setStatement([['a', "x' , b = '\\"]])).toBe("SET a = 'x\\' , b = \\'\\\\'");
  });

  it.each(['a = 1, b', 'a b', '', '1a', 'a;'])('refuses the name %j', (name) => {
    expect(() => setStatement([[name, '1']])).toThrow(/Code: 115/);
  });
});

it('quoteName keeps a name inside its quotes', () => {
  expect(quoteName('a`; DROP \\')).toBe('`a\\`; DROP \\\\`');
});
