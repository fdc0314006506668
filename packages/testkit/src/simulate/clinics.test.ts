import { toE164 } from '@switchboard/domain/phone';
import { expect, it } from 'vitest';
import { clinicOfMany } from './clinics.ts';
import { personOf } from './people.ts';

const clinics = Array.from({ length: 50 }, (_, index) => clinicOfMany(index));

it('clinics are the same each time, and share neither address, number nor login', () => {
  expect(Array.from({ length: 50 }, (_, index) => clinicOfMany(index))).toEqual(clinics);
  for (const of of ['slug', 'name', 'ownerEmail'] as const)
    expect(new Set(clinics.map(({ seeded }) => seeded[of])).size).toBe(50);
  expect(new Set(clinics.map(({ simulated }) => simulated.number)).size).toBe(50);
  expect(new Set(clinics.map(({ seeded }) => seeded.timeZone)).size).toBe(2);
  for (const { seeded } of clinics) {
    expect(seeded.slug).toMatch(/^[a-z0-9][a-z0-9-]{1,62}$/);
    const placed = seeded.practitioners.flatMap(({ hours }) => hours.map(({ location }) => location));
    expect(placed.filter((location) => !seeded.locations.includes(location))).toEqual([]);
  }
});

it('every number is one that exists in its country', { timeout: 30_000 }, () => {
  for (const { seeded, simulated } of clinics.slice(0, 3)) {
    const people = Array.from({ length: 100 }, (_, index) => personOf(simulated, index).phone);
    expect(people.filter((phone) => toE164(phone, seeded.country) !== phone)).toEqual([]);
    expect(new Set(people).size).toBe(100);
    expect(toE164(simulated.number, null)).toBe(simulated.number);
  }
});
