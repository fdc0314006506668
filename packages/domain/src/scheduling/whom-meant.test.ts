import { describe, expect, it } from 'vitest';
import { inField, whomMeant } from './whom-meant.ts';

const staff: [id: string, name: string, specialty: string, department: string | null][] = [
  ['Mehta', 'Dr. Rohan Mehta', 'General physician', 'General Medicine'],
  ['Nair', 'Dr. Priya Nair', 'General physician', 'General Medicine'],
  ['Iyer', 'Dr. Arjun Iyer', 'Cardiologist', 'Cardiology'],
  ['Kulkarni', 'Dr. Sneha Kulkarni', 'Dermatologist', 'Dermatology'],
  ['Rathod', 'Dr. Vikram Rathod', 'Orthopaedic surgeon', 'Orthopaedics'],
  ['Sheikh', 'Dr. Fatima Sheikh', 'Paediatrician', 'Paediatrics'],
  ['Fernandes', 'Dr. Daniel Fernandes', 'Dentist', null],
];
const colleagues = staff.map(([id, name, specialty, department]) => ({ id, name, specialty, department }));
const everybody = colleagues.map(({ id }) => id);

describe('whom a caller means', () => {
  it.each([
    ['Dr. Meheta', ['Mehta']],
    ['mehta sir', ['Mehta']],
    ['fer nandes', ['Fernandes']],
    ['डॉक्टर कुलकर्णी', ['Kulkarni']],
    ['any lady doctor for skin', ['Kulkarni']],
    ['skin doctor', ['Kulkarni']],
    ['the dermatologist', ['Kulkarni']],
    ['heart specialist', ['Iyer']],
    ['bone doctor', ['Rathod']],
    ['for my knee', ['Rathod']],
    ['the dentist', ['Fernandes']],
    ['my kid', ['Sheikh']],
    ['बच्चों के डॉक्टर', ['Sheikh']],
    ['general physician', ['Mehta', 'Nair']],
    ['any doctor', everybody],
    ['a doctor', everybody],
    ['no preference', everybody],
    ['first available', everybody],
    ['any doctor who is free on Monday', everybody],
    ['any time with Dr. Mehta', ['Mehta']],
    ['anybody but Dr. Mehta', everybody.filter((id) => id !== 'Mehta')],
    ['eye doctor', []],
    ['Dr. Gupta', []],
    ['Rao', []],
    ['', []],
  ])('%s', (heard, ids) => {
    expect(whomMeant(heard, colleagues).people.map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ['Dr. Mehta', true],
    ['any time with Dr. Mehta', true],
    ['any doctor', false],
    ['general physician', false],
  ])('%s names somebody: %s', (heard, byName) => {
    expect(whomMeant(heard, colleagues).byName).toBe(byName);
  });

  it.each([
    ['Cardiology', ['Iyer']],
    ['cardio logy', ['Iyer']],
    ['General', ['Mehta', 'Nair']],
    ['skin', ['Kulkarni']],
    ['Oncology', []],
  ])('%s is a field', (heard, ids) => {
    expect(inField(heard, colleagues).map(({ id }) => id)).toEqual(ids);
  });
});
