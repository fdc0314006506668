import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVendorContact } from './vendor-contact.ts';

const calledAt = Date.parse('2026-11-20T05:00:00Z');

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
    expect(readVendorContact(JSON.stringify(entities), calledAt)).toEqual(expected);
  });

  it.each([
    'Not mentioned',
    'Not specified',
    'not_provided',
    'No name given',
    'Unspecified',
    'undefined',
    'N.A.',
    '-',
    'none provided',
    'user',
    'Customer',
    'the caller',
    'Unknown caller',
    'PATIENT NAME',
  ])('%s is nobody', (name) => {
    expect(readVendorContact(JSON.stringify({ name }), calledAt).name).toBeNull();
  });

  it.each(['Priya Sharma', 'Nona Lee', 'Noel Manning', 'Mena Suri', 'Unnati Shah', 'Will Young'])(
    '%s is somebody',
    (name) => {
      expect(readVendorContact(JSON.stringify({ name }), calledAt).name).toBe(name);
    },
  );

  it('nobody is born after the call', () => {
    const born = (dob: string) => readVendorContact(JSON.stringify({ dob }), calledAt).dateOfBirth;
    expect(born('2026-11-20')).toBe('2026-11-20');
    expect(born('2026-11-23')).toBeNull();
    expect(born('2090-01-01')).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(Object.keys(readVendorContact(text, calledAt))).toEqual(['name', 'dateOfBirth']);
      }),
    );
    expect(readVendorContact(null, calledAt)).toEqual({ name: null, dateOfBirth: null });
  });
});
