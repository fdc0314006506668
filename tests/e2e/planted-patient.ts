/** Marks that nothing of ours contains by itself: in every text, number and date that tells of one patient. */
export const word = 'Zqvart';
const phone = '+919876501377';
const birth = '1931-07-13';
const [latitude, longitude] = [19.0731931, 72.0731931];
const marks = [/0731931/, /zqvart/i, /98765\D{0,2}01377/, /1931-07-13|13[./]0?7[./]1931|13 July 1931/i];

/** Which of the marks are in a text. */
export function marksIn(text: string): string[] {
  return marks.filter((mark) => mark.test(text)).map(String);
}

const person = {
  first_name: `${word}asha`,
  last_name: `${word}son`,
  full_name: `${word}asha ${word}son`,
  date_of_birth: birth,
  sex: 'female',
  phones: [phone],
  email: `${word}@example.com`,
  identifiers: [{ system: 'mrn', value: `${word}-MRN` }],
  address: { line: `12 ${word} Road`, city: word },
};
const patient = { external_id: `P-${word}`, ...person };
const id = (name: string) => `${name}-${word}`;
const unknown = { remark: `${word} said so` };

/** One CloudEvent of each kind from the clinic's system, every field that tells of a patient filled. */
export function plantedRecords(now: number): object[] {
  const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  const event = (type: string, subject: string, minutes: number, data: object) => ({
    specversion: '1.0',
    id: `ev-${type}-${subject}`,
    source: '/clinic/emr',
    type,
    subject: id(subject),
    time: at(minutes),
    data: { ...data, ...unknown },
  });
  return [
    event('patient.created', 'P', 300, person),
    event('patient.created', 'Q', 299, { first_name: `${word}old`, phones: [phone] }),
    event('patient.merged', 'Q', 298, { merged_into: id('P') }),
    event('appointment.booked', 'A', 290, {
      patient,
      practitioner: { external_id: 'D-7', name: 'Dr. Mehta' },
      start: at(100),
      end: at(70),
      reason: `${word} has chest pain`,
      notes: `${word} comes by car`,
    }),
    event('appointment.cancelled', 'A', 200, { cancelled_by: 'patient', cancel_reason: `${word} travels` }),
    event('journey.started', 'J', 280, {
      journey_type: 'post_surgery',
      patient,
      notes: `${word} walks badly`,
    }),
    event('journey.step_scheduled', 'J', 270, {
      step: { external_id: `S-${word}`, name: 'First check-up', due_at: at(50), result: `${word} walks` },
    }),
    event('journey.paused', 'J', 260, { reason: `${word} is abroad` }),
    event('message.sent', 'M', 250, {
      patient,
      channel: 'whatsapp',
      direction: 'inbound',
      from_address: phone,
      to_address: phone,
      subject: `${word} asks`,
      body: `My name is ${word}asha, born ${birth}, call ${phone}`,
      conversation: id('C'),
    }),
  ];
}

/** A call in which everything that tells of a patient is a mark. */
export function plantedCall(now: number, eventId: string): Record<string, unknown> {
  const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  return {
    event: 'call.completed',
    event_id: eventId,
    occurred_at: at(2),
    call: {
      id: `zc_${eventId}`,
      direction: 'inbound',
      from: phone,
      to: phone,
      transferred_to: phone,
      status: 'completed',
      started_at: at(6),
      answered_at: at(6),
      ended_at: at(2),
      caller_note: `${word} called`,
    },
    transcript: {
      language: 'en',
      turns: [
        {
          index: 0,
          speaker: 'caller',
          text: `My name is ${word}asha ${word}son, I was born on ${birth} and my number is ${phone}.`,
        },
        { index: 1, speaker: 'agent', text: `Thank you, ${word}asha. Tomorrow at four with Doctor Mehta.` },
      ],
    },
    recording: { url: `https://recordings.example/${word}.mp3`, format: 'mp3' },
    extraction: { intent: 'book_appointment', entities: { name: `${word}asha`, date_of_birth: birth } },
    outcome: 'booked',
    summary: `${word}asha booked`,
    metadata: { who: `${word}asha` },
  };
}

/** Fields of Twilio's webhooks in which everything that tells of a patient is a mark: a message, and a reaction to it. */
export function plantedMessages(): Record<string, string>[] {
  const parties = { From: `whatsapp:${phone}`, To: `whatsapp:${phone}`, ProfileName: `${word}asha` };
  return [
    {
      ...parties,
      MessageSid: 'SM000000000000000000000000000planted',
      Body: `My name is ${word}asha ${word}son, born ${birth}. Stop calling ${phone}.`,
      NumMedia: '1',
      MediaUrl0: `https://api.twilio.com/${word}`,
      MediaContentType0: 'image/jpeg',
      ButtonText: `${word} at four`,
      ButtonPayload: `${word}-4`,
      Latitude: `${latitude}`,
      Longitude: `${longitude}`,
      Label: `${word}’s home`,
      Address: `12 ${word} Road`,
      Remark: `${word} said so`,
    },
    {
      ...parties,
      MessageSid: 'SM000000000000000000000000000planteR',
      MessageType: 'reaction',
      ReactionEmoji: word,
      ReactionMessageSid: 'SM000000000000000000000000000planted',
    },
  ];
}
