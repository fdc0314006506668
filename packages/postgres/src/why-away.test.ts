import { SwitchboardError } from '@switchboard/platform';
import { expect, it } from 'vitest';
import { whyAway } from './why-away.ts';

it('tells a statement that took too long from a connection that was not there, and nothing of any other error', () => {
  const late = Object.assign(new Error('canceling statement of +919812345678'), { code: '57014' });
  expect(whyAway(late)).toBe('57014');
  const away = (cause: unknown) => new SwitchboardError('postgres_unavailable', 'away', { cause });
  for (const said of [
    'timeout exceeded when trying to connect',
    'Connection terminated due to connection timeout',
    'Query read timeout',
  ])
    expect(whyAway(away(new Error(said)))).toBe(said);
  expect(whyAway(away(Object.assign(new Error('text'), { code: 'ECONNREFUSED' })))).toBe('ECONNREFUSED');
  expect(whyAway(away(undefined))).toBe('postgres_unavailable');
  expect(whyAway(new Error('Asha Rao is away'))).toBeUndefined();
  expect(whyAway(Object.assign(new Error('Key (phone)=(+919812345678)'), { code: '23505' }))).toBeUndefined();
});
