import { inboundForm, signedHeaders } from '@switchboard/testkit/twilio/twilio-webhooks';
import type { OwnSystem } from '../chaos/start-own-system.ts';
import { insist } from '../chaos/traffic/insist.ts';
import { createStaff, type Staff } from '../chaos/traffic/staff.ts';
import { twilioAccount } from '../chaos/traffic/world.ts';

export interface ThreadMessage {
  id: string;
  direction: string;
  kind: string;
  text: string | null;
  status: string | null;
  failure: { code: string | null; reason: string } | null;
  edited_at: string | null;
  quoted: { id: string; text: string | null } | null;
  media: { state: string; content_type: string | null; url: string | null }[];
  reactions: { direction: string; emoji: string }[];
}

export interface InboxRow {
  id: string;
  unread: number;
  status: string;
  contact: { phone: string | null };
  last_message: { text: string | null };
}

/** What patients and staff do, as they do it: by Twilio's signed webhooks, and by the API. */
export function openClinic({ running, dir, stores, ledger, twilio, outside }: OwnSystem) {
  const { demo } = running;
  const world = { running, dir, stores, ledger, twilio, outside, seed: 1, durationMs: 0, pace: 1 };
  const staff: Staff = createStaff(world, []);

  async function read<T>(path: string): Promise<T> {
    const { status, body } = await staff.ask('GET', `/api/v1${path}`);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    return JSON.parse(JSON.stringify(body));
  }

  return {
    demo,
    staff,
    read,
    /** A patient writes; resolves when the webhook is taken, which may need more than one try on a busy machine. */
    async write(
      from: string,
      body: string,
      { fields = {}, picture }: { fields?: Record<string, string>; picture?: Buffer } = {},
    ): Promise<void> {
      const { accountSid, number: to } = twilioAccount;
      const media = picture === undefined ? [] : [{ contentType: 'image/png', bytes: picture }];
      const message = await twilio.receive({ accountSid, from, to, body, media });
      const files = `${twilio.url}/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}/Media`;
      const form = inboundForm(message, (place) => `${files}/${message.media[place]?.sid}`, fields);
      const url = `${demo.ingest}/api/v1/whatsapp/webhook`;
      const headers = signedHeaders({ url, form }, demo.twilio_auth_token);
      const { status } = await insist(url, {
        asked: [],
        init: () => ({ method: 'POST', headers, body: new URLSearchParams(form).toString() }),
      });
      if (status !== 200) throw new Error(`the webhook answered ${status}`);
    },
    /** The newest conversation with a number. */
    async conversationOf(phone: string): Promise<InboxRow | undefined> {
      const { conversations } = await read<{ conversations: InboxRow[] }>('/conversations?limit=100');
      return conversations.find(({ contact }) => contact.phone === phone);
    },
    thread: async (id: string) =>
      (await read<{ messages: ThreadMessage[] }>(`/conversations/${id}/messages`)).messages,
    answer: (id: string, body: object, key: string) =>
      staff.ask('POST', `/api/v1/conversations/${id}/messages`, body, { 'idempotency-key': key }),
  };
}

export type Clinic = ReturnType<typeof openClinic>;
