/** What a caller or writer may want of a clinic. The dimension `intent` of every fact has no other values. */
export const intents = [
  'book_appointment',
  'reschedule_appointment',
  'cancel_appointment',
  'confirm_appointment',
  'find_provider',
  'ask_opening_hours',
  'ask_location',
  'ask_wait_time',
  'ask_price',
  'billing',
  'insurance',
  'prescription_refill',
  'test_results',
  'ask_doctor_instructions',
  'medical_records',
  'report_problem',
  'talk_to_human',
  'emergency',
  'greeting',
  'other',
] as const;

export type Intent = (typeof intents)[number];

/** An entity that an intent can't be served without. */
export type RequiredField =
  | 'date'
  | 'time'
  | 'practitioner'
  | 'specialty'
  | 'patient_name'
  | 'phone'
  | 'medication';

/** What is asked for: every inner list is one field, filled by any of its entities. */
const required: Partial<Record<Intent, readonly (readonly RequiredField[])[]>> = {
  book_appointment: [['date'], ['time'], ['patient_name'], ['practitioner', 'specialty']],
  reschedule_appointment: [['date'], ['time'], ['patient_name']],
  cancel_appointment: [['patient_name']],
  confirm_appointment: [['patient_name']],
  find_provider: [['practitioner', 'specialty']],
  prescription_refill: [['patient_name'], ['medication']],
  test_results: [['patient_name']],
  ask_doctor_instructions: [['patient_name'], ['practitioner']],
};

const known = new Set<string>(intents);
const booking = new Set<Intent>(['book_appointment']);

/** Words that tell an intent in a vendor's name for it, tried in this order. */
const vendorWords: readonly (readonly [RegExp, Intent])[] = [
  [/emergenc|urgent_care|ambulance/, 'emergency'],
  [
    /re_?schedul|re_?book|(change|move|modify|update|shift|postpone)_.*(appointment|appt|booking|visit|slot|time|date)/,
    'reschedule_appointment',
  ],
  [/cancel/, 'cancel_appointment'],
  [/confirm/, 'confirm_appointment'],
  [/refill|prescription|medication|medicine|pharmacy/, 'prescription_refill'],
  [/(test|lab|scan|blood)s?_.*(result|report)|result|lab_report|^reports?$/, 'test_results'],
  [/instruction|follow_?up|aftercare/, 'ask_doctor_instructions'],
  [/insur|tpa|cashless|coverage/, 'insurance'],
  [/bill|invoice|payment|refund|receipt/, 'billing'],
  [/price|pricing|cost|fee|charge|rate_/, 'ask_price'],
  [/hours|timing|open(ing)?|clos(e|ing)/, 'ask_opening_hours'],
  [/location|address|direction|parking/, 'ask_location'],
  [/wait|queue|delay/, 'ask_wait_time'],
  [/record|certificate/, 'medical_records'],
  [
    /human|agent|operator|representative|reception|transfer|handoff|callback|call_back|speak_to/,
    'talk_to_human',
  ],
  [/complain|problem|issue|feedback|grievance/, 'report_problem'],
  [
    /(find|search|look).*(doctor|provider|dentist|specialist|practitioner)|provider_search|doctor_(info|availability|enquiry|inquiry)/,
    'find_provider',
  ],
  [/book|schedul|appointment|appt|consult/, 'book_appointment'],
  [/greet|hello|small_?talk/, 'greeting'],
];

/** A vendor's word for an intent as ours; `other` for what is unknown, null for what is not given. */
export function toIntent(word: string | null | undefined): Intent | null {
  if (!word?.trim()) return null;
  const name = snakeCase(word);
  if (isIntent(name)) return name;
  return vendorWords.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}

export function isIntent(name: string): name is Intent {
  return known.has(name);
}

/** Whether a call of this intent is meant to end in a booked slot. */
export function isBookingIntent(intent: string | null): boolean {
  return intent !== null && isIntent(intent) && booking.has(intent);
}

/** How many fields an intent needs, and how many of them the named entities fill. */
export function countRequiredFields(
  intent: string | null,
  entityNames: Iterable<string>,
): { required: number; filled: number } {
  const fields = (intent !== null && isIntent(intent) && required[intent]) || [];
  const given = new Set<string>(entityNames);
  return {
    required: fields.length,
    filled: fields.filter((any) => any.some((name) => given.has(name))).length,
  };
}

/** `"BookAppointment"`, `"book-appointment "` → `"book_appointment"`. At most 80 characters are read. */
export function snakeCase(word: string): string {
  return word
    .slice(0, 80)
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .toLowerCase();
}
