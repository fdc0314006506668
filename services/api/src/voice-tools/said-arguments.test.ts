import { expect, test } from 'vitest';
import { saidArguments } from './said-arguments.ts';

test('what an assistant fills with nothing is not said', () => {
  const blank = { practitioner: null, department: '', reason: ' \n', limit: 0 };
  expect(saidArguments({ call_id: 'c', ...blank, patient: { first_name: 'Asha', phone: null } })).toEqual({
    call_id: 'c',
    limit: 0,
    patient: { first_name: 'Asha' },
  });
  expect(saidArguments({ patient: { first_name: '', last_name: null }, patient_id: 'p' })).toEqual({
    patient_id: 'p',
  });
  const halfBlank = { first_name: '', phone: '+919800000001' };
  expect(saidArguments({ patient: halfBlank, patient_id: 'p' })).toEqual({ patient_id: 'p' });
  expect(saidArguments({ patient: halfBlank })).toEqual({ patient: { phone: '+919800000001' } });
});

test('what no store keeps in a text is a space; what is no record stays as it is', () => {
  expect(saidArguments({ reason: 'knee\u0000pain\nleft' })).toEqual({ reason: 'knee pain left' });
  for (const other of ['x', null, 3, ['']]) expect(saidArguments(other)).toEqual(other);
  expect(saidArguments({ patient: 'Asha' })).toEqual({ patient: 'Asha' });
});
