import type { PatientRow } from '@switchboard/postgres/people/patients';
import { describe, expect, it } from 'vitest';
import { type CallToMatch, matchCallers } from './match-callers.ts';

const phone = '+919812345678';
const thresholds = { link: 0.5, review: 0.2 };

const call = (id: string, name: string | null, parts: Partial<CallToMatch['contact']> = {}): CallToMatch => ({
  id,
  contact: { phone, name, dob: null, ...parts },
  mayCreate: true,
  candidateIds: [],
});

const patient = (id: string, first: string | null, last: string | null, parts: Partial<PatientRow>) => ({
  id,
  first_name: first,
  last_name: last,
  date_of_birth: null,
  origin_call_id: null,
  name_call_id: null,
  phones: [phone],
  call_ids: [],
  absorbed_ids: [],
  absorbed_phones: {},
  known_elsewhere: false,
  ...parts,
});

const match = (calls: CallToMatch[], patients: PatientRow[]) =>
  matchCallers(calls, patients, thresholds, () => 'new');

describe('a call that named a patient to whom others are linked', () => {
  const ravi = patient('P', 'Ravi', 'Rao', { origin_call_id: 'A', name_call_id: 'A', call_ids: ['A', 'C'] });
  const meera = patient('Q', 'Meera', 'Iyer', { origin_call_id: 'B', name_call_id: 'B', call_ids: ['B'] });

  it('stays linked when more becomes known of it, and the patient keeps the name', () => {
    const plan = match([call('A', 'Ravi Rao', { dob: '1980-02-03' })], [ravi, meera]);
    expect(plan.patientOf.get('A')).toBe('P');
    expect(plan.named).toMatchObject([
      { id: 'P', first_name: 'Ravi', last_name: 'Rao', date_of_birth: '1980-02-03', name_call_id: 'A' },
    ]);
    expect(plan.deleted).toEqual([]);
  });

  it('leaves the name behind when it was somebody else’s call', () => {
    const plan = match([call('A', 'Zoya Khan')], [ravi, meera]);
    expect(plan.patientOf.get('A')).toBe('new');
    expect(plan.named).toMatchObject([
      { id: 'P', first_name: 'Ravi', last_name: 'Rao', name_call_id: null, call_ids: ['C'] },
    ]);
    expect(plan.deleted).toEqual([]);
  });
});

describe('a call that named a patient to whom no other is linked', () => {
  it('may take the name back: it is renamed, not doubled', () => {
    const own = patient('P', 'Ravi', 'Rao', { origin_call_id: 'A', name_call_id: 'A', call_ids: ['A'] });
    const plan = match([call('A', 'Zoya Khan')], [own]);
    expect(plan.patientOf.get('A')).toBe('P');
    expect(plan.named).toMatchObject([{ id: 'P', first_name: 'Zoya', last_name: 'Khan' }]);
    expect([plan.created, plan.deleted]).toEqual([[], []]);
  });
});
