import { demoClinic, type SeededClinic } from '@switchboard/start/demo-clinic';
import type { WorkingHours } from './calendar.ts';

/** The clinic that is called, as its voice agent knows it. */
export interface SimulatedClinic {
  slug: string;
  name: string;
  /** IANA name. */
  timeZone: string;
  /** E.164. */
  number: string;
  /** What its patients' numbers begin with; eight digits follow. */
  mobilePrefix: string;
  /** What visits cost, in the minor unit of a currency. */
  fees: { currency: string; minor: readonly number[] };
  practitioners: readonly { name: string; field: string; hours: readonly WorkingHours[] }[];
  /** Callers that the clinic knows; `phone` in E.164. Others are made up. */
  patients: readonly KnownCaller[];
  /** Part of the calls that are from them; 0.4 unless told. */
  knownCallers?: number;
}

export interface KnownCaller {
  first: string;
  last: string;
  phone: string;
  /** ISO date. */
  born?: string;
  /** The clinic's own. */
  id?: string;
}

/** How callers say what a practitioner is. */
const fieldOf = (specialty: string) => specialty[0]?.toLowerCase() + specialty.slice(1);

/** A clinic as it is called. */
export function simulatedClinic(
  { slug, name, timeZone, numbers, practitioners }: SeededClinic,
  rest: Pick<SimulatedClinic, 'patients' | 'mobilePrefix' | 'fees'>,
): SimulatedClinic {
  return {
    slug,
    name,
    timeZone,
    number: numbers.find(({ channel }) => channel === 'voice')?.number ?? '',
    practitioners: practitioners.map((one) => ({
      name: one.name.replace(/^Dr\. /, ''),
      field: fieldOf(one.specialty),
      hours: one.hours,
    })),
    ...rest,
  };
}

/** The demo clinic, whose callers are partly patients of its. */
export const demoCallers: SimulatedClinic = simulatedClinic(demoClinic, {
  mobilePrefix: '+9197',
  fees: { currency: 'INR', minor: [50_000, 80_000, 120_000] },
  patients: [
    { first: 'Suresh', last: 'Patil', phone: '+919820100001' },
    { first: 'Riya', last: 'Patil', phone: '+919820100001' },
    { first: 'Kavita', last: 'Rao', phone: '+919820100002' },
    { first: 'Amit', last: 'Sharma', phone: '+919820100003' },
    { first: 'Imran', last: 'Khan', phone: '+919820100005' },
    { first: 'Deepak', last: 'Joshi', phone: '+919820100009' },
    { first: 'Simran', last: 'Kaur', phone: '+919820100014' },
    { first: 'Divya', last: 'Menon', phone: '+919820100018' },
  ],
});

export const firstNames =
  'Aarav Aditi Akash Alok Amrita Anil Anita Bhavna Chetan Damini Esha Farhan Gauri Harish Indira Jatin Jyoti Kabir Kiran Leela Madhav Mohini Nandini Nikhil Omkar Parth Pallavi Rekha Ritika Sameer Shalini Sonal Tarun Uma Varun Vidya Waseem Yamini Zoya Thomas Sarah'.split(
    ' ',
  );
export const lastNames =
  'Acharya Bansal Bhatia Chavan Dalvi Desai Dutta Gokhale Hegde Jain Kamath Kapadia Lobo Mahajan Mishra Nambiar Oza Pandit Pillai Qureshi Rane Saxena Sethi Shetty Tiwari Trivedi Vaidya Wagle Yadav Zaveri'.split(
    ' ',
  );
