import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVendorContact } from './vendor-contact.ts';

describe('readVendorContact', () => {
  it.each([
    [
      { patient_name: 'PRIYA SHARMA', dob: '1990-04-12' },
      { name: 'Priya Sharma', dateOfBirth: '1990-04-12' },
    ],
    [{ 'Patient-Name': { value: 'ravi' } }, { name: 'Ravi', dateOfBirth: null }],
    [
      { first_name: 'Asha', last_name: 'Rao' },
      { name: 'Asha Rao', dateOfBirth: null },
    ],
    [
      { name: 'unknown', date_of_birth: '1990-02-31' },
      { name: null, dateOfBirth: null },
    ],
    [
      { name: '9812345678', dob: 'last year' },
      { name: null, dateOfBirth: null },
    ],
    [{ name: 7 }, { name: null, dateOfBirth: null }],
  ])('%j', (entities, expected) => {
    expect(readVendorContact(JSON.stringify(entities))).toEqual(expected);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(Object.keys(readVendorContact(text))).toEqual(['name', 'dateOfBirth']);
      }),
    );
    expect(readVendorContact(null)).toEqual({ name: null, dateOfBirth: null });
  });
});
