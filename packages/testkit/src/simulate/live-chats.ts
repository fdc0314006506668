import { twilioSid } from '../twilio/twilio-messages.ts';
import { inboundForm } from '../twilio/twilio-webhooks.ts';
import type { KnownCaller, SimulatedClinic } from './clinic.ts';
import { type ClinicEventBody, createClinicEventWriter } from './clinic-event.ts';
import { type ChatLine, chats, questions } from './history/tell-chat.ts';
import { createRandom } from './random.ts';

export interface LiveChatsOptions {
  seed: number;
  /** Of the run: another one's messages have other ids. */
  startAt: number;
  clinic: SimulatedClinic;
}

/** A message of a chat: a patient's, as Twilio posts it, or the clinic's, as its own system tells it once it is sent. */
export type LiveMessage = { afterMs: number } & (
  | { by: 'patient'; form: Record<string, string> }
  | { by: 'clinic'; event: (atMs: number) => ClinicEventBody }
);

export interface LiveChats {
  /** The messages of the next chat, each with its pause after the one before. */
  next(): LiveMessage[];
}

const answered: ChatLine = {
  by: 'clinic',
  minutes: [1, 10],
  says: [
    'We will call you in a few minutes to find a time.',
    'Thank you, our front desk calls you right away.',
  ],
};

/** A made-up account with Twilio. */
const accountSid = twilioSid('AC', 1, 0);

/** Chats by WhatsApp: what patients ask, and what the clinic answers, within a minute or so. */
export function createLiveChats({ seed, startAt, clinic }: LiveChatsOptions): LiveChats {
  const random = createRandom(seed + 4);
  const name = `c${seed}-${startAt.toString(36)}`;
  const { write } = createClinicEventWriter(name, clinic.timeZone);
  let made = 0;

  function fromPatient({ first, last, phone }: KnownCaller, body: string): Record<string, string> {
    const sid = twilioSid('SM', seed, startAt + made);
    const message = {
      sid,
      accountSid,
      direction: 'inbound',
      from: `whatsapp:${phone}`,
      to: `whatsapp:${clinic.number}`,
      body,
      status: 'received',
      errorCode: null,
      createdAt: new Date(startAt),
      sentAt: null,
      media: [],
      statusCallback: null,
      contentSid: null,
      contentVariables: null,
      mediaUrls: [],
    } as const;
    return inboundForm(message, () => '', { ProfileName: `${first} ${last}` });
  }

  function fromClinic({ id, phone }: KnownCaller, body: string): (atMs: number) => ClinicEventBody {
    const subject = `M-${name}-${made}`;
    const status = random.chance(0.03) ? 'undelivered' : random.pick(['delivered', 'read']);
    return (atMs) =>
      write('message.sent', subject, atMs, {
        ...(id && { patient: { external_id: id } }),
        channel: 'whatsapp',
        direction: 'outbound',
        from_address: clinic.number,
        to_address: phone,
        body,
        status,
      });
  }

  return {
    next() {
      const person = random.pick(clinic.patients);
      const doctor = random.pick(clinic.practitioners).name;
      const asksForVisit = random.chance(0.4);
      // What follows on the question in a booking would need a time that is free: most are called back.
      const asked = [...chats.booking.slice(0, 1), ...(random.chance(0.8) ? [answered] : [])];
      const lines = asksForVisit ? asked : random.pick(questions);
      return lines.map(({ by, says, minutes: [least, most] }) => {
        made += 1;
        const body = random.pick(says).replace('{doctor}', doctor);
        const afterMs = random.between(least, Math.min(most, 20)) * 1_000;
        return by === 'patient'
          ? { by, afterMs, form: fromPatient(person, body) }
          : { by, afterMs, event: fromClinic(person, body) };
      });
    },
  };
}
