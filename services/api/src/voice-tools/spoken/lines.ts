/** A moment on the clinic's clocks, as a voice says it. */
export interface SpokenMoment {
  /** 0 today, 1 tomorrow; negative: past. */
  daysAhead: number;
  /** 1 Monday … 7 Sunday. */
  weekday: number;
  day: number;
  /** 1 to 12. */
  month: number;
  hour: number;
  minute: number;
}

/** A time with somebody. */
export interface SpokenSlot {
  at: SpokenMoment;
  practitioner: string;
  /** Null where the clinic has but one. */
  location: string | null;
}

/** Everything that a voice says in one language, in plain words. */
export interface SpokenLines {
  moment(at: SpokenMoment): string;
  /** A slot among others. */
  slot(slot: SpokenSlot): string;
  found(firstName: string | null): string;
  foundOne: string;
  askWhich: string;
  notVerified: string;
  noMoreTries: string;
  slots(options: readonly SpokenSlot[]): string;
  /** Not when it was asked for, but then. */
  otherSlots(options: readonly SpokenSlot[]): string;
  /** Of what was said of when, not all was understood. */
  slotsAnyway(options: readonly SpokenSlot[]): string;
  noSlots: string;
  /** The clinic has no such kind of visit: said before what is done about this kind. */
  otherKind(kind: string): string;
  whichPractitioner(names: readonly string[]): string;
  unknownPractitioner(names: readonly string[]): string;
  booked(slot: SpokenSlot, code: string): string;
  moved(slot: SpokenSlot): string;
  cancelled(at: SpokenMoment): string;
  alreadyCancelled: string;
  taken(options: readonly SpokenSlot[]): string;
  outsideHours(options: readonly SpokenSlot[]): string;
  tooSoon(options: readonly SpokenSlot[]): string;
  needPhone: string;
  ambiguous: string;
  needsHuman: string;
  /** What the assistant sent could not be read. */
  notUnderstood: string;
  /** No answer could be had in time. */
  fallback: string;
}
