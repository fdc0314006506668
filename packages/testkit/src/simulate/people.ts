import { firstNames, type KnownCaller, lastNames, type SimulatedClinic } from './clinic.ts';
import { createRandom } from './random.ts';

/** A patient of a simulated clinic. */
export interface Person extends Required<KnownCaller> {
  sex: 'female' | 'male';
  /** BCP 47. */
  language: string;
}

const women = new Set(
  `Aditi Amrita Anita Bhavna Damini Esha Gauri Indira Jyoti Leela Mohini Nandini Pallavi Rekha Ritika Shalini Sonal Uma Vidya
  Yamini Zoya Sarah`.split(/\s+/),
);

/** The same person for the same clinic and number in every run: whom the history tells of, calls today. */
export function personOf({ slug, mobilePrefix }: SimulatedClinic, index: number): Person {
  const random = createRandom(index * 7_919 + slug.length);
  const first = random.pick(firstNames);
  return {
    id: `P-${1001 + index}`,
    first,
    last: random.pick(lastNames),
    phone: `${mobilePrefix}${String(10_000_000 + index * 13).padStart(8, '0')}`,
    born: new Date(Date.UTC(random.between(1940, 2022), random.between(0, 11), random.between(1, 28)))
      .toISOString()
      .slice(0, 10),
    sex: women.has(first) ? 'female' : 'male',
    language: random.pick(['en-IN', 'hi-IN', 'mr-IN']),
  };
}

/** The clinic with its first `count` patients among its callers, who are most of them. */
export function withPeople(clinic: SimulatedClinic, count: number): SimulatedClinic {
  const people = Array.from({ length: count }, (_, index) => personOf(clinic, index));
  return { ...clinic, patients: [...clinic.patients, ...people], knownCallers: 0.85 };
}

/** What the clinic's system tells of a patient. */
export function personData(person: Person): Record<string, unknown> {
  const { first, last, born, sex, phone, language } = person;
  return {
    first_name: first,
    last_name: last,
    full_name: `${first} ${last}`,
    date_of_birth: born,
    sex,
    phones: [phone],
    language,
  };
}
