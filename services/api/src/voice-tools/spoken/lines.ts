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

/** Everything that a voice says in one language, in plain words. */
export interface SpokenLines {
  moment(at: SpokenMoment): string;
  /** A slot among others. */
  slot(at: SpokenMoment, practitioner: string): string;
  found(firstName: string | null): string;
  foundOne: string;
  askWhich: string;
  notVerified: string;
  noMoreTries: string;
  slots(options: readonly string[]): string;
  /** Not when it was asked for, but then. */
  otherSlots(options: readonly string[]): string;
  noSlots: string;
  whichPractitioner(names: readonly string[]): string;
  unknownPractitioner(names: readonly string[]): string;
  booked(at: SpokenMoment, practitioner: string, code: string): string;
  moved(at: SpokenMoment, practitioner: string): string;
  cancelled(at: SpokenMoment): string;
  alreadyCancelled: string;
  taken(options: readonly string[]): string;
  outsideHours(options: readonly string[]): string;
  tooSoon(options: readonly string[]): string;
  needPhone: string;
  ambiguous: string;
  needsHuman: string;
  /** No answer could be had in time. */
  fallback: string;
}
