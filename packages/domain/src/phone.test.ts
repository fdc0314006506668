import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { regionOfNumber, toE164 } from './phone.ts';

describe('toE164', () => {
  it.each([
    ['+919812345678', 'IN', '+919812345678'],
    ['098123 45678', 'IN', '+919812345678'],
    ['9812345678', 'IN', '+919812345678'],
    ['919812345678', 'IN', '+919812345678'],
    ['00919812345678', 'US', '+919812345678'],
    ['(415) 555-2671', 'US', '+14155552671'],
    ['tel:+91-98123-45678', null, '+919812345678'],
    ['sip:+919812345678@gw.example', null, '+919812345678'],
    ['whatsapp:+919812345678', null, '+919812345678'],
    ['९८१२३४५६७८', 'IN', '+919812345678'],
    ['022 4000 1234', 'IN', '+912240001234'],
  ])('%s in %s', (raw, region, expected) => {
    expect(toE164(raw, region)).toBe(expected);
  });

  it.each([
    'anonymous',
    'Private',
    'sip:anonymous@anonymous.invalid',
    'Unknown',
    '+266696687',
    '',
    '123',
    'call me',
    '+1',
  ])('has none for %s', (raw) => {
    expect(toE164(raw, 'IN')).toBeNull();
  });

  it('never throws, and its own answer stays as it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[+0-9 ()-]{0,20}$/)),
        fc.string(),
        (raw, region) => {
          const number = toE164(raw, region);
          if (number === null) return;
          expect(number).toMatch(/^\+[1-9]\d{5,14}$/);
          expect(toE164(number, null)).toBe(number);
        },
      ),
    );
  });

  it('knows the region', () => {
    expect(regionOfNumber('+919812345678')).toBe('IN');
    expect(regionOfNumber('nothing')).toBeNull();
  });
});
