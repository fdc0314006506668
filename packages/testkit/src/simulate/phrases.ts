import type { Grammar } from './grammar.ts';

/** The little language of the simulated calls. */
export const phrases: Grammar = {
  opening: [
    'Namaste, {clinic}, this is Asha. How may I help?',
    'Hello, you have reached {clinic}. What can I do for you?',
    'Good day, {clinic} speaking. How can I be of help?',
  ],
  hello: ['<hi> [um |uh ||]', '<hi>, [good morning|good evening|namaste], ', ''],
  hi: ['Hi', 'Hello', 'Yes hello', 'Haan hello'],
  me: ['this is {name}.', 'my name is {name}.', '{name} here.', "I'm {name} speaking."],
  'want-visit': [
    'I would like to book [an appointment|a visit|a consultation] with Dr. {doctor}',
    'can you [book me in|fix an appointment] with Dr. {doctor}',
    'I need an appointment with Dr. {doctor}',
    'I want to schedule a check-up with Dr. {doctor}',
  ],
  'when-visit': [
    'Which day and time would suit you?',
    'Sure. When would you like to come?',
    'Of course. What day and hour work for you?',
  ],
  wish: [
    '{day} at {hour}[ please|]',
    '[maybe|could we do|how about] {day}, [around|at] {hour}',
    '{hour} on {day} would be good',
  ],
  'change-mind': [
    'Oh wait, sorry, not then. Can we make it {day2} at {hour2} instead?',
    'Actually no, {day2} at {hour2} is better for me.',
    'Hmm, I just saw I am busy. Please make that {day2} at {hour2}.',
  ],
  'ask-name': [
    'May I have your full name?',
    'And the name of the patient, please?',
    'Could you tell me your name?',
  ],
  'say-name': ['{name}', 'It is {name}', 'Sure, {name}'],
  confirm: [
    'So that is Dr. {doctor} on {spokenDay} at {spokenHour}. Shall I book it?',
    'I have {spokenDay} at {spokenHour} with Dr. {doctor}. Is that right?',
  ],
  confirm2: [
    'Then {spokenDay2} at {spokenHour2} with Dr. {doctor}. Shall I book that?',
    'Dr. {doctor} on {spokenDay2} at {spokenHour2}, is that all right?',
  ],
  yes: ['Yes please', 'Yes, that is fine', 'Perfect, go ahead', 'Haan, theek hai', 'Yes, correct'],
  booked: [
    'Your appointment with Dr. {doctor} is booked for {spokenDay} at {spokenHour}.',
    'Done. You are booked with Dr. {doctor}, {spokenDay} at {spokenHour}.',
  ],
  booked2: [
    'Your appointment with Dr. {doctor} is booked for {spokenDay2} at {spokenHour2}.',
    'All set. You are booked with Dr. {doctor} on {spokenDay2} at {spokenHour2}.',
  ],
  taken: [
    'I am sorry, that slot is taken. I could offer {spokenDay2} at {spokenHour2}.',
    'Unfortunately Dr. {doctor} is not available then. Would {spokenDay2} at {spokenHour2} work?',
  ],
  happy: [
    'Thank you so much, you were very helpful!',
    'Great, thanks a lot, that was easy.',
    'Wonderful, thank you!',
  ],
  plain: ['Okay, thanks.', 'Alright, bye.', 'Thank you, bye.'],
  farewell: ['Thank you for calling. Take care.', 'You are welcome. Goodbye.'],
  'move-visit': [
    'I need to reschedule my appointment with Dr. {doctor}.',
    'can you move my appointment with Dr. {doctor} to another day?',
    'I have to change the time of my visit to Dr. {doctor}.',
  ],
  moved: [
    'Your appointment has been rescheduled to {spokenDay} at {spokenHour}.',
    'Done, I have moved it to {spokenDay} at {spokenHour}.',
  ],
  'drop-visit': [
    'I want to cancel my appointment with Dr. {doctor}.',
    'please cancel my appointment, I cannot come.',
    'I need to cancel the appointment I have with Dr. {doctor}.',
  ],
  dropped: ['Your appointment has been cancelled.', 'I have cancelled it for you.'],
  'ask-hours': [
    'what are your opening hours?',
    'until what time are you open on Saturday?',
    'what are your timings on Sunday?',
  ],
  hours: [
    'We are open from 9 AM to 7 PM, Monday to Saturday.',
    'Monday to Saturday, nine in the morning to seven in the evening.',
  ],
  'ask-price': [
    'how much is a consultation with the {field}?',
    'what are the consultation fees for a {field}?',
    'what is the charge for a {field} visit? I mean, how much is it?',
  ],
  price: ['A first visit is 800 rupees.', 'The fee is 700 rupees, and 400 for a follow-up.'],
  'ask-results': [
    'are my blood test results ready?',
    'I gave blood last week, has my lab report come?',
    'I am calling about my thyroid test report.',
  ],
  results: [
    'They came in this morning. The doctor will call you.',
    'Not yet, they should be here by tomorrow.',
  ],
  'ask-refill': [
    'I need a refill of my [metformin|thyroxine|amlodipine] prescription.',
    'my blood pressure tablets are over, can I get the prescription renewed?',
  ],
  refill: ['I have passed it on to Dr. {doctor}.', 'The doctor will sign it today.'],
  complaint: [
    'I have been waiting for a call back for three days. This is unacceptable!',
    'I left my number twice and nobody called me back. I am very upset.',
    'your staff was very rude to my mother, this is terrible service.',
  ],
  sorry: [
    'I am very sorry to hear that. I will pass it on to our manager.',
    'I apologise for the trouble. Let me have someone call you.',
  ],
  angry: [
    'This is really the worst, I am so angry.',
    'I am very disappointed, bye.',
    'Useless. Just useless.',
  ],
  'want-human': [
    'I want to speak to a real person.',
    'please connect me to the reception, I want to talk to someone.',
  ],
  transfer: ['One moment, I am connecting you.', 'I will put you through to our front desk.'],
  find: [
    'I am looking for a [good |]{field}, do you have one?',
    'which {field} do you have? I need a {field}.',
  ],
  offer: ['Yes, Dr. {doctor} is our {field}.', 'For that we have Dr. {doctor}.'],
  hinglish: [
    'mujhe {doctorHeard} ka appointment chahiye, kal {baje}',
    'haan ji, parso {baje} doctor {doctorLast} se milna hai, appointment book kar dijiye',
  ],
  child: [
    'I want to book an appointment for my [son|daughter] {child} with Dr. {doctor}.',
    'my [son|daughter] {child} has fever, I need an appointment with Dr. {doctor}.',
  ],
  urgent: [
    'my father has chest pain and he is sweating a lot, what do I do?',
    'please help, my mother is not breathing properly, it is an emergency!',
  ],
  'call-ambulance': ['Please call 108 for an ambulance at once. I am also alerting our doctor.'],
  reminder: [
    'Hello, this is {clinic}. I am calling to remind you of your appointment with Dr. {doctor} {spokenDay} at {spokenHour}. Will you be coming?',
  ],
  voicemail: [
    'Hello, this is {clinic} with a message for {name}. Please call us back about your appointment.',
  ],
};
