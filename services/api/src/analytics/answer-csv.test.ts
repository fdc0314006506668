import { expect, test } from 'vitest';
import { asText } from './answer-csv.ts';

test('no text becomes a formula', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1'])
    expect(asText(text)).toBe(`'${text}`);
  expect(asText('Book appointment')).toBe('Book appointment');
});
