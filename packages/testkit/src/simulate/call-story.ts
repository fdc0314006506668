import { makeWish, type Wish, type WorkingHours } from './calendar.ts';
import { firstNames, lastNames, type SimulatedClinic } from './clinic.ts';
import { asHeard, say } from './grammar.ts';
import { phrases } from './phrases.ts';
import { type Plot, plots } from './plots.ts';
import type { Random } from './random.ts';
import type { WebhookTurn } from './webhook-body.ts';

/** What a call was really about: what a test may hold an extraction against. */
export interface CallTruth {
  kind: string;
  /** Empty where nobody spoke. */
  intent: string;
  name: string | null;
  practitioner: string | null;
  /** ISO date. */
  date: string | null;
  /** HH:MM */
  time: string | null;
}

/** A call before it is cut into events. */
export interface CallStory {
  plot: Plot;
  truth: CallTruth;
  turns: WebhookTurn[];
  /** The other party's number, or how a vendor writes that there is none. */
  number: string;
  language: string;
  durationSeconds: number;
  /** Whom it is about, be the name said or not. */
  doctor: string;
  /** The time that holds at the end. */
  wish: Wish | null;
}

/** What a call must be about; the rest is left to chance. */
export interface GivenCall {
  plot?: Plot;
  caller?: { name: string; number: string };
  /** Name of a practitioner of the clinic. */
  doctor?: string;
  /** The time that is agreed on, where one is. */
  wish?: Wish;
}

/** Makes up one call that ends about `endMs`. */
export function tellCall(
  random: Random,
  clinic: SimulatedClinic,
  endMs: number,
  given: GivenCall = {},
): CallStory {
  const plot = given.plot ?? random.weighted(plots.map((one) => [one.weight, one] as const));
  const caller = given.caller ?? makeCaller(random, clinic);
  const doctor =
    clinic.practitioners.find(({ name }) => name === given.doctor) ?? random.pick(clinic.practitioners);
  const [first, second] = twoWishes(random, endMs, clinic.timeZone, doctor.hours, {
    agreed: given.wish,
    isSecond: plot.state === 'second',
  });
  const values = {
    clinic: clinic.name,
    name: caller.name,
    child: random.pick(firstNames),
    doctor: random.chance(0.5) ? doctor.name : lastWord(doctor.name),
    doctorHeard: asHeard(`Dr ${lastWord(doctor.name)}`),
    doctorLast: lastWord(doctor.name).toLowerCase(),
    field: doctor.field,
    baje: random.pick(['subah das baje', 'shaam paanch baje', 'dopahar teen baje']),
    ...numbered(first, ''),
    ...numbered(second, '2'),
  };
  // Some recognisers write neither capitals nor punctuation.
  const plain = random.chance(0.35);
  const turns = speak(random, plot, values, plain);
  const said = turns.map(({ text }) => text.toLowerCase()).join(' ');
  const ofCaller = said.replace(new RegExp(`(?:dr\\.?|doctor) ${doctor.name}`, 'gi'), ' ');
  const ofOthers = said.replace(new RegExp(`(?<!dr\\.? |doctor )${caller.name}`, 'gi'), ' ');
  const wish = plot.state === 'second' ? second : plot.state === 'first' ? first : null;
  return {
    plot,
    turns,
    number: caller.number,
    doctor: doctor.name,
    wish,
    language: plot.kind === 'hinglish-booking' ? 'hi-Latn' : 'en-IN',
    durationSeconds: Math.ceil((turns.at(-1)?.start_ms ?? 0) / 1000) + random.between(2, 12),
    truth: {
      kind: plot.kind,
      intent: plot.intent,
      name: ofCaller.includes(caller.name.toLowerCase()) ? caller.name : null,
      practitioner: ofOthers.includes(lastWord(doctor.name).toLowerCase()) ? doctor.name : null,
      date: wish?.date ?? null,
      time: wish?.time ?? null,
    },
  };
}

function makeCaller(random: Random, clinic: SimulatedClinic): { name: string; number: string } {
  if (clinic.patients.length > 0 && random.chance(clinic.knownCallers ?? 0.4)) {
    const { first, last, phone } = random.pick(clinic.patients);
    return { name: `${first} ${last}`, number: random.chance(0.9) ? phone : phone.replace(/^\+91/, '0') };
  }
  // Patients bear the names of their doctors, too.
  if (random.chance(0.15)) {
    const doctors = clinic.practitioners.map((one) => one.name.split(' '));
    const which = random.between(0, 99);
    const first = pickBy([...firstNames, ...doctors.map(([one = '']) => one)].slice(-14), which);
    const name = `${first} ${pickBy(
      doctors.map((words) => words.at(-1) ?? ''),
      which,
    )}`;
    return { name, number: `+9198${String(60_000_000 + which * 7).padStart(8, '0')}` };
  }
  // Few enough that some call again.
  const which = random.between(0, 4_999);
  const name = `${pickBy(firstNames, which)} ${pickBy(lastNames, which)}`;
  const number = `+9198${String(70_000_000 + which * 7).padStart(8, '0')}`;
  return { name, number: random.chance(0.04) ? 'anonymous' : number };
}

function pickBy(words: readonly string[], which: number): string {
  return words[which % words.length] ?? '';
}

function twoWishes(
  random: Random,
  atMs: number,
  timeZone: string,
  hours: readonly WorkingHours[],
  { agreed, isSecond }: { agreed: Wish | undefined; isSecond: boolean },
): [Wish, Wish] {
  const make = () => makeWish(random, atMs, timeZone, hours);
  const first = (!isSecond && agreed) || make();
  if (isSecond && agreed) return [otherThan(agreed, make), agreed];
  return [first, otherThan(first, make)];
}

/** Of another day and hour, so that no word could mean both. */
function otherThan(wish: Wish, make: () => Wish): Wish {
  for (;;) {
    const other = make();
    if (other.date !== wish.date && other.time !== wish.time) return other;
  }
}

function speak(
  random: Random,
  plot: Plot,
  values: Readonly<Record<string, string>>,
  plain: boolean,
): WebhookTurn[] {
  let at = random.between(200, 900);
  const withEnds = random.chance(0.6);
  return plot.lines.map((line, index) => {
    const speaker = line.startsWith('a:') ? 'agent' : 'caller';
    const text = say(random, phrases, line.slice(2), values);
    const start = at;
    const end = start + 400 + text.length * random.between(45, 70);
    at = end + random.between(200, 1_400);
    return {
      index,
      speaker,
      text: plain && speaker === 'caller' ? asHeard(text) : text,
      start_ms: start,
      ...(withEnds ? { end_ms: end, confidence: Math.round((0.8 + random.next() * 0.2) * 1000) / 1000 } : {}),
    };
  });
}

function numbered(wish: Wish, suffix: string): Record<string, string> {
  const { day, hour, spokenDay, spokenHour } = wish;
  return {
    [`day${suffix}`]: day,
    [`hour${suffix}`]: hour,
    [`spokenDay${suffix}`]: spokenDay,
    [`spokenHour${suffix}`]: spokenHour,
  };
}

function lastWord(name: string): string {
  return name.split(' ').at(-1) ?? name;
}
