import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callEndReasons,
  callOutcomes,
  callStatuses,
  toCallDirection,
  toCallEndReason,
  toCallOutcome,
  toCallStatus,
} from './call-outcomes.ts';
import { countRequiredFields, intents, isBookingIntent, isIntent, toIntent } from './intents.ts';
import { guessLanguage, toLanguageTag } from './language.ts';

describe('vendor words', () => {
  it.each([
    ['BookAppointment', 'book_appointment'],
    ['schedule appointment', 'book_appointment'],
    ['appointment.reschedule', 'reschedule_appointment'],
    ['change-appointment-time', 'reschedule_appointment'],
    ['appointment_cancellation', 'cancel_appointment'],
    ['Opening Hours', 'ask_opening_hours'],
    ['lab_test_results', 'test_results'],
    ['pricing', 'ask_price'],
    ['human_handoff', 'talk_to_human'],
    ['priya sharma 9812345678', 'other'],
    ['', null],
  ])('intent %s', (word, intent) => {
    expect(toIntent(word)).toBe(intent);
  });

  it.each([
    ['appointment_booked', 'booked'],
    ['Rescheduled', 'rescheduled'],
    ['not_resolved', 'unresolved'],
    ['call back', 'callback_requested'],
    ['xyz', 'other'],
  ])('outcome %s', (word, outcome) => {
    expect(toCallOutcome(word)).toBe(outcome);
  });

  it.each([
    ['customer-ended-call', 'caller_hangup'],
    ['assistant-ended-call', 'agent_hangup'],
    ['silence-timed-out', 'timeout'],
    ['call_transfer', 'transferred'],
  ])('end reason %s', (word, reason) => {
    expect(toCallEndReason(word)).toBe(reason);
  });

  it('status and direction', () => {
    expect(toCallStatus('no-answer')).toBe('no_answer');
    expect(toCallStatus('ended')).toBe('completed');
    expect(toCallDirection('outboundPhoneCall')).toBe('outbound');
    expect(toCallDirection(null)).toBe('inbound');
  });

  it('anything at all becomes one of few words', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (word) => {
        expect([null, ...intents]).toContain(toIntent(word));
        expect([null, ...callOutcomes]).toContain(toCallOutcome(word));
        expect([null, ...callEndReasons]).toContain(toCallEndReason(word));
        expect([null, ...callStatuses]).toContain(toCallStatus(word));
        expect(toLanguageTag(word) ?? 'und').toMatch(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/);
      }),
    );
  });

  it('own words stay', () => {
    for (const intent of intents) expect(toIntent(intent)).toBe(intent);
    for (const outcome of callOutcomes) expect(toCallOutcome(outcome)).toBe(outcome);
    expect(isIntent('nope')).toBe(false);
  });
});

describe('required fields', () => {
  it('counts what is filled', () => {
    expect(countRequiredFields('book_appointment', ['date', 'time', 'specialty', 'phone'])).toEqual({
      required: 4,
      filled: 3,
    });
    expect(countRequiredFields('greeting', ['date'])).toEqual({ required: 0, filled: 0 });
    expect(countRequiredFields(null, [])).toEqual({ required: 0, filled: 0 });
  });

  it('knows which intents mean a booking', () => {
    expect(isBookingIntent('book_appointment')).toBe(true);
    expect(isBookingIntent('cancel_appointment')).toBe(false);
    expect(isBookingIntent(null)).toBe(false);
  });
});

describe('language', () => {
  it.each([
    ['constructor', 'und'],
    ['EN_in', 'en-IN'],
    ['hindi', 'hi'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['en-US-x-private', 'en-US'],
    ['Klingon, probably', 'und'],
    [' ', null],
  ])('%s', (raw, tag) => {
    expect(toLanguageTag(raw)).toBe(tag);
  });

  it('is guessed from script and words', () => {
    expect(guessLanguage(['I would like to see a doctor'])).toBe('en');
    expect(guessLanguage(['मुझे डॉक्टर से मिलना है'])).toBe('hi');
    expect(guessLanguage(['mujhe kal subah ka appointment chahiye'])).toBe('hi-Latn');
    expect(guessLanguage(['12345'])).toBeNull();
  });
});
