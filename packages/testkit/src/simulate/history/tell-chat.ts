import type { SimulatedPatient, Telling } from './telling.ts';

const minuteMs = 60_000;

/** A message of a chat: who writes, in one of several ways, so many minutes after the one before. */
export interface ChatLine {
  by: 'clinic' | 'patient';
  says: readonly string[];
  minutes: readonly [number, number];
  /** What it was sent for, where a template was used. */
  campaign?: string;
}

const ask: ChatLine = {
  by: 'patient',
  minutes: [0, 0],
  says: [
    'I need an appointment with Dr. {doctor}, please.',
    'Hello, is Dr. {doctor} free this week? I would like to come.',
    'Namaste, please book me a visit with Dr. {doctor}.',
    'mujhe Dr. {doctor} se milna hai, appointment mil jayega?',
  ],
};
const thanks: ChatLine = {
  by: 'patient',
  minutes: [1, 30],
  says: ['Thank you!', 'Thanks a lot', 'Ok thank you', 'Great, see you then', 'Theek hai, dhanyavaad'],
};

/** Chats about a visit, by what happened. */
export const chats = {
  booking: [
    ask,
    {
      by: 'clinic',
      minutes: [2, 25],
      says: ['Dr. {doctor} has time on {when}. Shall I book it?', 'How about {when} with Dr. {doctor}?'],
    },
    {
      by: 'patient',
      minutes: [1, 15],
      says: ['Yes please', 'Yes, that is fine', 'Haan, theek hai', 'Perfect'],
    },
    {
      by: 'clinic',
      minutes: [1, 10],
      says: [
        'Your appointment with Dr. {doctor} is booked for {when}.',
        'Done: Dr. {doctor}, {when}. See you!',
      ],
    },
    thanks,
  ],
  moved: [
    {
      by: 'clinic',
      minutes: [1, 5],
      campaign: 'moved',
      says: ['Your appointment with Dr. {doctor} was moved to {when}.'],
    },
  ],
  reminded: [
    {
      by: 'clinic',
      minutes: [0, 0],
      campaign: 'reminder',
      says: ['Reminder: you see Dr. {doctor} on {when}. Please answer YES if you are coming.'],
    },
  ],
  confirmed: [
    {
      by: 'clinic',
      minutes: [0, 0],
      campaign: 'reminder',
      says: ['Reminder: you see Dr. {doctor} on {when}. Please answer YES if you are coming.'],
    },
    {
      by: 'patient',
      minutes: [3, 55],
      says: ['YES', 'Yes, I will be there', 'Yes coming', 'haan aa raha hoon'],
    },
  ],
} satisfies Record<string, readonly ChatLine[]>;

/** Questions, and what the clinic answers. */
export const questions: readonly (readonly ChatLine[])[] = [
  [
    { by: 'patient', minutes: [0, 0], says: ['Are you open on Sunday?', 'What are your timings today?'] },
    { by: 'clinic', minutes: [2, 40], says: ['We are open Monday to Saturday, 9 AM to 8 PM.'] },
    thanks,
  ],
  [
    { by: 'patient', minutes: [0, 0], says: ['Are my blood test results ready?', 'Has my report come?'] },
    {
      by: 'clinic',
      minutes: [5, 60],
      says: ['Yes, you can collect it at the front desk.', 'Not yet, by tomorrow.'],
    },
    { by: 'patient', minutes: [1, 30], says: ['Ok, thank you', 'Ok', 'Can you send it here, please?'] },
  ],
  [
    {
      by: 'patient',
      minutes: [0, 0],
      says: [
        'I waited for an hour yesterday, this is not acceptable.',
        'Nobody called me back. I am very upset.',
      ],
    },
    { by: 'clinic', minutes: [3, 45], says: ['We are very sorry. Our manager will call you today.'] },
  ],
  [
    { by: 'patient', minutes: [0, 0], says: ['My tablets are over, can I get the prescription renewed?'] },
    { by: 'clinic', minutes: [5, 90], says: ['Dr. {doctor} has signed it, you can collect it today.'] },
    thanks,
  ],
];

/** What a chat is about. */
interface ChatSubject {
  doctor: string;
  /** Of the visit, Unix ms. */
  start?: number;
  appointment?: string;
}

/** A chat that begins at a time; the last words are often left away. */
export function tellChat(
  telling: Telling,
  patient: SimulatedPatient,
  at: number,
  lines: readonly ChatLine[],
  subject: ChatSubject,
): void {
  const { random } = telling;
  let when = at;
  for (const [index, line] of lines.entries()) {
    if (index > 1 && line === lines.at(-1) && random.chance(0.4)) return;
    when += random.between(...line.minutes) * minuteMs + random.between(1, 50) * 1_000;
    tellMessage(telling, patient, when, line, subject);
  }
}

/** A question that somebody asks by message. */
export function tellQuestion(telling: Telling, patient: SimulatedPatient): void {
  const { random, time, clinic, endAt } = telling;
  const at = time.instant(random, patient.since, endAt);
  tellChat(telling, patient, at, random.pick(questions), {
    doctor: random.pick(clinic.practitioners).name,
  });
}

function tellMessage(
  telling: Telling,
  patient: SimulatedPatient,
  at: number,
  { by, says, campaign }: ChatLine,
  { doctor, start, appointment }: ChatSubject,
): void {
  const { random, clinic, time, name, tell } = telling;
  const outbound = by === 'clinic';
  const lost = random.chance(time.isBad(at) ? 0.25 : 0.02);
  const text = random.pick(says).replace('{doctor}', doctor);
  tell('message.sent', `M-${name}-${telling.next()}`, at, {
    patient: { external_id: patient.id },
    channel: 'whatsapp',
    direction: outbound ? 'outbound' : 'inbound',
    from_address: outbound ? clinic.number : patient.phone,
    to_address: outbound ? patient.phone : clinic.number,
    body: start === undefined ? text : text.replace('{when}', sayTime(start, clinic.timeZone)),
    ...(outbound && { status: lost ? 'undelivered' : random.pick(['delivered', 'read', 'read']) }),
    ...(appointment && { appointment }),
    ...(campaign && { campaign, template: `visit_${campaign}`, cost_minor: 58.5, cost_currency: 'INR' }),
  });
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** As messages say a time, e.g. `Wed, 25 Nov, 4:00 pm`. */
function sayTime(at: number, timeZone: string): string {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-IN', {
      timeZone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: 'numeric',
      minute: '2-digit',
    });
  formats.set(timeZone, format);
  return format.format(at);
}
