import type { SpokenLines, SpokenMoment, SpokenSlot } from './lines.ts';
import { sayTimes } from './say-times.ts';

const weekdays = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');
const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const ordinals =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first'.split(
    ' ',
  );
const numbers =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty'];

export const english: SpokenLines = {
  moment,
  slot: (slot) => `${moment(slot.at)} ${whom(slot)}`,
  found: (firstName) =>
    firstName ? `Thank you, ${firstName}. I have your details here.` : 'Thank you. I have your details here.',
  foundOne: 'To go on, may I have your full name and date of birth?',
  askWhich: 'There is more than one person with this number. May I have your full name and date of birth?',
  notVerified: 'To help you with that I need your full name and your date of birth. Could you tell me both?',
  noMoreTries: 'I could not verify your details. Somebody from the clinic will call you back.',
  slots: (options) =>
    `I have ${times(options)}. ${options.length > 1 ? 'Which one suits you?' : 'Does that suit you?'}`,
  otherSlots: (options) =>
    options.length > 1
      ? `There is nothing free then. The next times are ${times(options)}. Would one of these do?`
      : `There is nothing free then. The next time is ${times(options)}. Would that do?`,
  slotsAnyway: (options) =>
    options.length > 1
      ? `I am not sure which day or time you mean. I have ${times(options)}. Would one of these do?`
      : `I am not sure which day or time you mean. I have ${times(options)}. Would that do?`,
  otherKind: (kind) => `I do not know that kind of visit, so this is for ${kind}.`,
  noSlots: 'I am sorry, I see no free times then. Would another day do?',
  whichPractitioner: (names) => `Do you mean ${list(names)}?`,
  unknownPractitioner: (names) =>
    names.length > 0
      ? `I could not find that doctor. We have ${all(names)}. Whom would you like to see?`
      : 'I could not find that doctor. Whom would you like to see?',
  booked: (slot, code) =>
    `You are booked ${moment(slot.at)} ${whom(slot)}. Your confirmation code is ${digits(code)}.`,
  moved: (slot) => `Your appointment is now ${moment(slot.at)} ${whom(slot)}.`,
  cancelled: (at) => `Your appointment ${moment(at)} is cancelled.`,
  alreadyCancelled: 'That appointment is cancelled already.',
  taken: (options) => refused('I am sorry, that time has just been taken.', options),
  outsideHours: (options) => refused('The doctor does not see patients at that time.', options),
  tooSoon: (options) => refused('That is too soon to book by phone.', options),
  needPhone: 'May I have your phone number, with the area code?',
  ambiguous: 'There is more than one person with these details. May I have your date of birth?',
  needsHuman: 'I cannot do that myself. Somebody from the clinic will help you with it.',
  notUnderstood: 'I am sorry, I did not get all of that. Could you tell me once more?',
  fallback:
    'I am sorry, our calendar is slow right now. Please give me a moment, or I can have somebody call you back.',
};

function moment(at: SpokenMoment): string {
  return `${dayOf(at)} at ${timeOf(at)}`;
}

function dayOf({ daysAhead, weekday, day, month }: SpokenMoment): string {
  if (daysAhead === 0) return 'today';
  if (daysAhead === 1) return 'tomorrow';
  return `on ${weekdays[weekday - 1]} the ${ordinals[day - 1]} of ${months[month - 1]}`;
}

function timeOf({ hour, minute }: SpokenMoment): string {
  if (minute === 0 && hour === 12) return 'noon';
  if (minute === 0 && hour === 0) return 'midnight';
  const part =
    hour < 12 ? 'in the morning' : hour < 17 ? 'in the afternoon' : hour < 21 ? 'in the evening' : 'at night';
  const said = numbers[hour % 12 || 12];
  return minute === 0 ? `${said} ${part}` : `${said} ${minutes(minute)} ${part}`;
}

function minutes(minute: number): string {
  if (minute < 10) return `oh ${numbers[minute]}`;
  if (minute < 20) return numbers[minute] ?? '';
  const unit = minute % 10;
  const ten = tens[Math.floor(minute / 10)] ?? '';
  return unit === 0 ? ten : `${ten}-${numbers[unit]}`;
}

function digits(code: string): string {
  return [...code].map((digit) => numbers[Number(digit)] ?? digit).join(', ');
}

function refused(why: string, options: readonly SpokenSlot[]): string {
  if (options.length === 0) return `${why} Would another day do?`;
  return `${why} I have ${times(options)}. ${options.length > 1 ? 'Would one of these do?' : 'Would that do?'}`;
}

function times(options: readonly SpokenSlot[]): string {
  return sayTimes(options, {
    list,
    day: (at) => `${dayOf(at)} at`,
    time: timeOf,
    whom,
  });
}

function whom({ practitioner, location }: SpokenSlot): string {
  return location === null ? `with ${practitioner}` : `with ${practitioner} at ${location}`;
}

function list(options: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(options);
}

function all(names: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
}
