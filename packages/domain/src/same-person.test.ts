import { expect, it } from 'vitest';
import { agreementOf, type KnownPerson } from './same-person.ts';

const person = (first: string | null, last: string | null, dob: string | null = null): KnownPerson => ({
  first,
  last,
  dob,
});
const asha = person('Asha', 'Rao', '1988-04-12');

it.each([
  [person('Asha', 'Rao'), 'same'],
  [person('Aasha', 'Rao'), 'same'],
  [person('Asha', null), 'same'],
  [person('Asha', 'Rao', '1988-04-12'), 'same'],
  [person('Asha', 'Rao', '1988-04-13'), 'other'],
  [person('Ravi', 'Rao'), 'other'],
  [person('Asha', 'Menon'), 'other'],
  [person(null, 'Rao'), 'other'],
  [person(null, null, '1990-01-01'), 'other'],
  [person(null, null), 'unknown'],
])('%o and Asha Rao: %s', (one, agreement) => {
  expect(agreementOf(one, asha)).toBe(agreement);
  expect(agreementOf(asha, one)).toBe(agreement);
});

it('brothers of one birth date are no one person', () => {
  expect(agreementOf(person('Ramesh', 'Rao', '1990-01-01'), person('Rakesh', 'Rao', '1990-01-01'))).toBe(
    'other',
  );
});
