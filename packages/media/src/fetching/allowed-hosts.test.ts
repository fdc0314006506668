import { expect, it } from 'vitest';
import { allowHosts, isHostPattern } from './allowed-hosts.ts';

const allowed = allowHosts(['cdn.example.com', '*.zoice.ai']);

it.each(['cdn.example.com', 'eu.zoice.ai', 'a.b.zoice.ai'])('allows %s', (host) => {
  expect(allowed(host)).toBe(true);
});

it.each(['example.com', 'zoice.ai', 'evilzoice.ai', 'cdn.example.com.evil.org', 'x.cdn.example.com', ''])(
  'does not allow %j',
  (host) => {
    expect(allowed(host)).toBe(false);
  },
);

it('allows nothing where nothing is named', () => {
  expect(allowHosts([])('cdn.example.com')).toBe(false);
});

it.each([
  ['cdn.example.com', true],
  ['*.example.com', true],
  ['10.0.0.5', true],
  ['*.com', false],
  ['*', false],
  ['a.*.com', false],
  ['Example.com', false],
  ['https://example.com', false],
  ['example.com/x', false],
  ['example.com:8443', false],
  ['-a.example.com', false],
  ['localhost', false],
])('%s is a pattern of hosts: %s', (text, is) => {
  expect(isHostPattern(text)).toBe(is);
});
