import { demoClinic, type SeededClinic } from '@switchboard/start/demo-clinic';
import { demoCallers, firstNames, lastNames, type SimulatedClinic, simulatedClinic } from './clinic.ts';
import { createRandom } from './random.ts';

/** A clinic to be put into a database, and how it is called. */
export interface ClinicOfMany {
  seeded: SeededClinic;
  simulated: SimulatedClinic;
}

const names = ['Banyan', 'Neem Tree', 'Jasmine', 'Marigold', 'Tulsi', 'Cedar', 'Ashoka', 'Mango Grove'];

const countries = [
  {
    country: 'IN',
    locale: 'en-IN',
    timeZone: 'Asia/Kolkata',
    number: '+91224000',
    locations: ['Andheri', 'Thane'],
    mobilePrefix: '+9197',
    fees: { currency: 'INR', minor: [50_000, 80_000, 120_000] },
  },
  {
    country: 'GB',
    locale: 'en-GB',
    timeZone: 'Europe/London',
    number: '+44207946',
    locations: ['Camden', 'Ealing'],
    mobilePrefix: '+4474',
    fees: { currency: 'GBP', minor: [6_000, 9_000] },
  },
] as const;

/** Clinic number `index` of a simulation: the demo clinic first, each other one like it, elsewhere and with other people. */
export function clinicOfMany(index: number): ClinicOfMany {
  if (index === 0) return { seeded: demoClinic, simulated: demoCallers };
  const place = countries[index % 3 === 2 ? 1 : 0];
  const random = createRandom(index * 104_729);
  const name = names[(index - 1) % names.length] ?? '';
  const round = Math.floor((index - 1) / names.length);
  const slug = `${name.toLowerCase().replace(' ', '-')}-clinic${round > 0 ? `-${round + 1}` : ''}`;
  const number = `${place.number}${String(index).padStart(4, '0')}`;
  const renamed = (location: string) => place.locations[demoClinic.locations.indexOf(location)] ?? location;
  const used = new Set<string>();
  const otherName = (): string => {
    const made = `Dr. ${random.pick(firstNames)} ${random.pick(lastNames)}`;
    const last = made.split(' ').at(-1) ?? '';
    if (used.has(last)) return otherName();
    used.add(last);
    return made;
  };
  const seeded: SeededClinic = {
    ...demoClinic,
    slug,
    name: `${name} Clinic${round > 0 ? ` ${round + 1}` : ''}`,
    timeZone: place.timeZone,
    country: place.country,
    locale: place.locale,
    ownerEmail: `owner@${slug}.example`,
    ownerName: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
    numbers: [
      { number, channel: 'voice' },
      { number, channel: 'whatsapp' },
    ],
    locations: place.locations,
    practitioners: demoClinic.practitioners.map((one) => ({
      ...one,
      name: otherName(),
      hours: one.hours.map((hours) => ({ ...hours, location: renamed(hours.location) })),
    })),
    patients: [],
  };
  const { mobilePrefix, fees } = place;
  return { seeded, simulated: simulatedClinic(seeded, { mobilePrefix, fees, patients: [] }) };
}
