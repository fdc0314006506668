import fc from 'fast-check';

const tables = [
  'patients',
  'practitioners',
  'departments',
  'appointments',
  'journeys',
  'journey_steps',
  'conversations',
  'conversation_messages',
  'voice_calls',
] as const;

/** An id that tells its table and number. */
export function idOf(table: (typeof tables)[number], number: number): string {
  return `00000000-0000-7000-800${tables.indexOf(table)}-${String(number).padStart(12, '0')}`;
}

export const start = Date.parse('2025-10-21T07:00:00Z');
export const minute = 60_000;
const day = 1_440 * minute;
/** All of them over. Few instants, many of them equal or just within and without what counts as near. */
const offsets = [
  0,
  1,
  10 * minute,
  20 * minute,
  30 * minute,
  3 * 60 * minute,
  day,
  2 * day,
  5 * day,
  30 * day,
  30 * day + 1,
];
export const at = fc
  .tuple(fc.constantFrom(...offsets), fc.constantFrom(0, 0, 60 * minute, 60 * day, 90 * day))
  .map(([one, two]) => start + one + two);
export const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
export const patient = maybe(
  // Mostly one, so that records meet.
  fc.constantFrom(1, 1, 1, 1, 2, 3, 4).map((number) => idOf('patients', number)),
);
export const practitioner = maybe(
  fc.integer({ min: 1, max: 2 }).map((number) => idOf('practitioners', number)),
);
export const phone = maybe(fc.constantFrom('+919812345678', '+919812345679'));
export const rarely = fc.constantFrom(false, false, false, false, false, false, true);
export const numberUpTo = (max: number) => fc.integer({ min: 1, max });
