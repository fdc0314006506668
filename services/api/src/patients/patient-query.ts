import { isLocalDate } from '@switchboard/domain/periods/local-date';
import { beginningOf, toE164 } from '@switchboard/domain/phone';
import type { PatientFilter } from '@switchboard/postgres/api/patient-list';
import { timelineKinds } from '@switchboard/postgres/api/patient-timeline';
import { z } from 'zod';
import { cursorParameter, instantInCursor } from '../paging/cursor.ts';
import { line, listOf, localDate, whole } from '../paging/parameters.ts';

/** Fewer digits fit nearly everybody. */
const leastDigits = 4;

/** Fewer are no number of somebody's, but a part of one. */
const leastNumber = 7;

/** Whoever has more names is found by some of them. */
const mostNameParts = 8;

const criteria = {
  q: line(120)
    .optional()
    .describe('As the front desk types it: a part of the name, a phone or its last digits, or a birth date.'),
  name: line(120).optional().describe('Parts of the name, in any order.'),
  phone: line(40)
    .refine((text) => text.replace(/\D/g, '').length >= leastDigits, {
      error: `must be a phone in any writing, ${leastDigits} digits or more`,
    })
    .optional(),
  date_of_birth: localDate.optional(),
};

/** Parameters of `GET /patients`. */
export const patientQuery = z.strictObject({
  ...criteria,
  limit: whole(100).default(20),
  offset: whole(10_000).default(0),
});

/** The same in a body, where no log of addresses has it. */
export const patientSearch = z.strictObject({
  ...criteria,
  limit: z.int().min(1).max(100).default(20),
  offset: z.int().min(0).max(10_000).default(0),
});

export type PatientQuery = z.infer<typeof patientSearch>;

const shownLast = z.strictObject({ at: instantInCursor, id: z.uuid() });

/** Parameters of `GET /patients/{id}`: of its timeline. */
export const timelineQuery = z.strictObject({
  kind: listOf(timelineKinds).describe('What to tell of; all unless given.'),
  limit: whole(200, 1).default(50),
  cursor: cursorParameter(shownLast),
});

/** The query in terms of the records. @param country of numbers without a country code */
export function toPatientFilter({ q, ...query }: PatientQuery, country: string): PatientFilter {
  const said = { ...query, ...(q !== undefined && recognise(q)) };
  return {
    ...(said.name !== undefined && { nameParts: said.name.split(/\s+/).slice(0, mostNameParts) }),
    ...(said.phone !== undefined && {
      phone: { e164: toE164(said.phone, country), ...partOf(said.phone, country) },
    }),
    ...(said.date_of_birth !== undefined && { bornOn: said.date_of_birth }),
  };
}

/** Zeros before a number aren't kept with it, nor before the beginning of one; those among its last digits are. */
function partOf(phone: string, country: string): { digits: string; begins?: string | undefined } {
  const digits = phone.replace(/\D/g, '');
  const number = digits.replace(/^0+/, '');
  if (number.length >= leastNumber) return { digits: number };
  const isBegun = number !== digits && number.length >= leastDigits;
  return { digits, ...(isBegun && { begins: beginningOf(number, country) }) };
}

function recognise(q: string): Pick<PatientQuery, 'name' | 'phone' | 'date_of_birth'> {
  const [, day = '', month = '', year = ''] = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(q) ?? [];
  const date = year === '' ? q : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (isLocalDate(date)) return { date_of_birth: date };
  const isPhone = /^[\d\s()+.-]+$/.test(q) && q.replace(/\D/g, '').length >= leastDigits;
  return isPhone ? { phone: q } : { name: q };
}
