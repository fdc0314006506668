import { describe, expect, it } from 'vitest';
import { extractCall, type KnownPractitioner } from './extraction.ts';

const practitioners: KnownPractitioner[] = [
  { id: 'p1', name: 'Dr. Ramesh Mehta', specialty: 'cardiology' },
  { id: 'p2', name: 'Dr. Kavita Iyer', specialty: 'dermatology' },
];

/** A call on Friday 2026-11-20 at 10:30 in India; the caller speaks first. */
function read(...texts: string[]) {
  const turns = texts.map((text, index) => ({ index, speaker: index % 2 === 0 ? 'caller' : 'agent', text }));
  const analysis = extractCall({
    turns,
    language: 'en-IN',
    startedAt: Date.parse('2026-11-20T05:00:00Z'),
    timeZone: 'Asia/Kolkata',
    region: 'IN',
    practitioners,
  });
  const state = Object.fromEntries(
    analysis.entities.map(({ name, normalised, value }) => [name, normalised ?? value]),
  );
  return { ...analysis, turns, state };
}

describe('extractCall', () => {
  it('reads a booking', () => {
    const call = read(
      'hi my name is priya sharma i want to book an appointment with doctor mehta',
      'Sure Priya. What day and time would you like?',
      'tomorrow at four thirty in the evening',
      'Booked: your appointment with Dr. Mehta is confirmed for Saturday at 4:30 PM.',
      'thank you so much that was very helpful',
    );
    expect(call.intent).toBe('book_appointment');
    expect(call.intent_confidence).toBeGreaterThan(0.5);
    expect(call.state).toMatchObject({
      patient_name: 'Priya Sharma',
      practitioner: 'Dr. Ramesh Mehta',
      date: '2026-11-21',
      time: '16:30',
      outcome: 'booked',
    });
    expect(call).toMatchObject({ required_fields: 4, filled_fields: 4, sentiment: 'positive' });
  });

  it('the last state counts when the caller changes their mind', () => {
    const { state } = read(
      'I need an appointment with Dr. Iyer on Monday at 10 am',
      'Dr. Iyer on Monday at 10 am, shall I book it?',
      'No wait, make it Wednesday at 5 pm instead, and with Dr. Mehta',
      'Done, you are booked with Dr. Mehta on Wednesday at 5 pm.',
    );
    expect(state).toMatchObject({
      date: '2026-11-25',
      time: '17:00',
      practitioner: 'Dr. Ramesh Mehta',
      outcome: 'booked',
    });
  });

  it('a slot that fails gives way to the one taken', () => {
    const { state } = read(
      'can I come in on tuesday at 11',
      'Unfortunately Tuesday at 11 am is taken. How about Thursday at 3 pm?',
      'yes that works',
      'Great, you are booked.',
    );
    expect(state).toMatchObject({ date: '2026-11-26', time: '15:00', outcome: 'booked' });
  });

  it('a refused offer leaves what was wanted before', () => {
    const { state } = read(
      'book me in for friday at 9 am please',
      'I could not book that. Would Saturday at 6 pm suit you?',
      'no, forget it then',
      'I am sorry we could not complete your booking.',
    );
    expect(state).toMatchObject({ date: '2026-11-27', time: '09:00', outcome: 'failed' });
  });

  it('keeps the new day of a reschedule, not the old', () => {
    const call = read(
      'hello this is Arjun Nair, I have to move my appointment from Monday to Thursday at 2 pm',
      'Your appointment has been rescheduled to Thursday at 2 pm.',
      'thanks',
    );
    expect(call.intent).toBe('reschedule_appointment');
    expect(call.state).toMatchObject({
      date: '2026-11-26',
      time: '14:00',
      outcome: 'rescheduled',
      patient_name: 'Arjun Nair',
    });
  });

  it.each([
    ['please cancel my appointment with doctor iyer', 'cancel_appointment'],
    ['what are your opening hours on sunday', 'ask_opening_hours'],
    ['how much is a consultation', 'ask_price'],
    ['are my blood test results ready', 'test_results'],
    ['I need a refill of my metformin prescription', 'prescription_refill'],
    ['can I speak to a real person please', 'talk_to_human'],
    ['my father has chest pain and he is sweating', 'emergency'],
    ['I am looking for a skin doctor', 'find_provider'],
    ['I want to see a heart doctor', 'find_provider'],
    ['Can I see Dr. Mehta?', 'book_appointment'],
    ['can i see doctor mehta tomorrow at four', 'book_appointment'],
    ['I need to meet a doctor on Friday', 'book_appointment'],
    ['mujhe kal subah das baje ka appointment chahiye', 'book_appointment'],
    ['do you take cashless insurance', 'insurance'],
    ['the parrot sings at dawn', 'other'],
    ['hello', 'greeting'],
  ])('%s', (text, intent) => {
    expect(read(text).intent).toBe(intent);
  });

  it('reads Hinglish days and hours', () => {
    expect(read('mujhe parso shaam 5 baje doctor mehta se milna hai').state).toMatchObject({
      date: '2026-11-22',
      time: '17:00',
      practitioner: 'Dr. Ramesh Mehta',
    });
  });

  it('reads the phone, birth date and name that were asked for', () => {
    const { state } = read(
      'I want to book',
      'May I have your full name?',
      'anjali deshpande',
      'And your date of birth?',
      '12 April 1990',
      'What number can we reach you on?',
      'nine eight one two three four five six seven eight',
    );
    expect(state).toMatchObject({
      patient_name: 'Anjali Deshpande',
      date_of_birth: '1990-04-12',
      phone: '+919812345678',
    });
    expect(state).not.toHaveProperty('date');
  });

  it('opening hours are no wish', () => {
    const { state } = read(
      'when are you open',
      'We are open from 9 am to 6 pm, Monday to Saturday.',
      'ok thanks',
    );
    expect(state).not.toHaveProperty('time');
    expect(state).not.toHaveProperty('date');
  });

  it('every evidence points at its value', () => {
    const call = read(
      'Hi, this is Meera. Could I see Dr. Iyer on the 25th around 3? My number is 98123 45678.',
      'Dr. Iyer has 3:15 pm on November 25th.',
      'perfect',
    );
    expect(call.entities.length).toBeGreaterThan(5);
    for (const { turn, start, end, value } of call.entities)
      expect(call.turns[turn]?.text.slice(start, end)).toBe(value);
  });

  it.each([
    ['Ramesh Mehta', 'Ramesh Mehta'],
    ['kavita sharma', 'Kavita Sharma'],
    ['it is priya mehta', 'Priya Mehta'],
  ])('a caller who answers %s shares a name with a doctor and keeps theirs', (answer, name) => {
    const { state } = read(
      'I want an appointment',
      'May I have your name?',
      answer,
      'Which doctor?',
      'doctor iyer',
    );
    expect(state).toMatchObject({ patient_name: name, practitioner: 'Dr. Kavita Iyer' });
  });

  it.each([
    ['mera naam Priya Mehta hai', 'Priya Mehta'],
    ['my name is arjun mehta', 'Arjun Mehta'],
    ['this is Kavita Mehta', 'Kavita Mehta'],
    ['yes mrs mehta speaking', 'Mehta'],
    ['My name is Will Turner', 'Will Turner'],
    ['my name is hope fernandes', 'Hope Fernandes'],
    ["I'm Meera Joshi's husband Rahul", 'Rahul'],
  ])('%s', (text, name) => {
    const { state, redactions } = read(text);
    expect(state.patient_name).toBe(name);
    expect(state).not.toHaveProperty('practitioner');
    expect(redactions).toContainEqual(expect.objectContaining({ kind: 'name' }));
  });

  it('takes the name that the agent asked to be confirmed, and not when it is denied', () => {
    const asked = 'Hello, am I speaking with Anita Mehta?';
    expect(read('', asked, 'yes').state).toMatchObject({ patient_name: 'Anita Mehta' });
    expect(read('', asked, 'no, wrong number').state).not.toHaveProperty('patient_name');
  });

  it.each([
    ['Which city?', "It's Pune"],
    ['Which medicine?', "It's Paracetamol"],
    ['', 'I am Hindu'],
    ['', 'can i park my car here'],
    ['', 'i have been living here for ten years'],
    ['', 'my name is already in your system'],
    ['', 'my name is spelled wrong'],
    ['', 'my daughter is hurt'],
    ['', 'my mother passed out'],
  ])('nobody is named: %s %s', (question, text) => {
    const { state } = read('', question, text);
    expect(state).not.toHaveProperty('patient_name');
    expect(state).not.toHaveProperty('relative_name');
  });

  it.each([
    ['What is your date of birth?', 'fifteenth august nineteen eighty'],
    ['date of birth?', '15 8 80'],
    ['Your birthday?', '15th of august'],
    ['', 'my son was born on 3 may 2019'],
    ['', 'I visited last monday'],
    ['', 'I had surgery on 5th october'],
    ['', 'fever since monday'],
  ])('no wish: %s %s', (question, text) => {
    expect(read('', question, text).state).not.toHaveProperty('date');
  });

  it('a birth date that comes a turn later is no wish either, nor what the agent repeats', () => {
    const { state } = read(
      'book me tomorrow at four please',
      'Could you confirm your date of birth?',
      'Sure. One moment.',
      'Sure',
      'it is 3rd of may nineteen ninety two',
      'So that is 3 May 1992, correct?',
    );
    expect(state).toMatchObject({ date: '2026-11-21', time: '16:00', date_of_birth: '1992-05-03' });
  });

  it.each([
    ['no, no chest pain', 'other'],
    ['there is no chest pain, I want to book an appointment', 'book_appointment'],
    ['I had a heart attack last year and need a follow up appointment', 'book_appointment'],
    ["it's not an emergency", 'other'],
    ["I don't know what to do, my father has chest pain", 'emergency'],
    ['my mother is not breathing', 'emergency'],
    ['he had a heart attack two hours ago', 'emergency'],
    ["I don't want to cancel, just confirm it", 'confirm_appointment'],
    ["I don't want to cancel my appointment, just confirm it", 'confirm_appointment'],
    ["i don't want to cancel i want to reschedule", 'reschedule_appointment'],
  ])('%s', (text, intent) => {
    expect(read(text).intent).toBe(intent);
  });

  it.each([
    ['Your appointment has not been booked.', 'failed'],
    ['Your appointment is not confirmed yet.', undefined],
    ['Once it is confirmed we will message you.', undefined],
    ['It will be confirmed by the reception.', undefined],
    ['I have made a note of that.', undefined],
    ['You already have an appointment booked for Monday at 10 am.', undefined],
    ['Done, you are booked for Monday at 10 am.', 'booked'],
  ])('%s', (text, outcome) => {
    expect(read('hello', text, 'ok').state.outcome).toBe(outcome);
  });

  it('all set after cancelling is still cancelled', () => {
    const { state } = read(
      'cancel it',
      'Your appointment is cancelled. Anything else?',
      'no',
      "You're all set.",
    );
    expect(state.outcome).toBe('cancelled');
  });

  it('says nothing where nobody spoke', () => {
    expect(read()).toMatchObject({
      intent: null,
      sentiment: null,
      sentiment_score: null,
      entities: [],
      redactions: [],
    });
  });
});
