import { expect, test } from 'vitest';
import { parseServiceAddress } from './service-states.ts';

test.each([
  ['enrich=http://enrich:8080', { name: 'enrich', url: 'http://enrich:8080' }],
  ['sink-postgres=https://a.example/b/', { name: 'sink-postgres', url: 'https://a.example/b' }],
  ['http://enrich:8080', undefined],
  ['enrich=enrich:8080', undefined],
  ['enrich=http://', undefined],
  ['=http://enrich', undefined],
])('%s', (text, expected) => {
  expect(parseServiceAddress(text)).toEqual(expected);
});
