import { conversationStates } from '@switchboard/postgres/api/conversation-list';
import { conversationChannels } from '@switchboard/postgres/conversation-channels';
import { z } from 'zod';
import { snippet } from '../search/search-schema.ts';

const text = z.string().nullable();
const instant = text.describe('RFC 3339.');
const phi = (of: string) => text.describe(`${of}; null for those who may not see it.`);

const lastMessage = z
  .object({
    id: z.string(),
    direction: z.string(),
    kind: z.string(),
    text: text.describe('Its beginning; masked for readers without PHI.'),
    template: text,
    status: text,
    sent_at: z.string(),
  })
  .nullable();

export const conversation = z.object({
  id: z.string(),
  channel: z.enum(conversationChannels),
  status: z.enum(conversationStates).describe('As it is now: a snooze that is over is open.'),
  contact: z.object({ name: phi('As it calls itself'), phone: phi('E.164') }),
  patient: z.object({ id: z.string(), name: phi('First and last name') }).nullable(),
  assignee: z.object({ id: z.string(), name: text }).nullable(),
  labels: z.array(z.string()),
  unread: z.number().describe('Messages in that nobody has read.'),
  snoozed_until: instant,
  last_activity_at: z.string(),
  last_inbound_at: instant,
  intent: text,
  sentiment: text,
  language: text,
  call_id: text.describe('Of channel voice: the call, which holds what was said.'),
  last_message: lastMessage,
  version: z.number().describe('Counts what was decided; for `If-Match`.'),
});

const hit = z.object({
  message_id: text.describe('Null in a call.'),
  turn: z.number().nullable().describe('In a call.'),
  at: z.string(),
  snippet,
});

const count = z.number();

export const conversationList = z.object({
  conversations: z.array(
    conversation.extend({
      hits: z
        .array(hit)
        .optional()
        .describe('With `q`: where it was found, newest first, 3 at most; none: by name or number.'),
    }),
  ),
  counts: z
    .object({
      open: count,
      pending: count,
      snoozed: count,
      unread: count,
      mine: count,
      mine_unread: count,
      unassigned: count,
      unassigned_unread: count,
    })
    .nullable()
    .describe(
      'For tabs, on the first page: those that are not resolved, with the `channel`, `label` and `patient_id` asked for.',
    ),
  next_cursor: text,
  searched_newest: z
    .number()
    .optional()
    .describe(
      'Set when the words are in more texts: older ones than these many are left out. Never set for who may not see patients’ data, whose search looks through the newest 200 messages and calls with the words.',
    ),
});

export const conversationDetail = conversation.extend({
  began_at: z.string(),
  resolved_at: instant,
  reopened: z.number().describe('How often it was opened again.'),
  opted_out_at: instant.describe('Since when the contact does not want to be written to.'),
  window_ends_at: instant.describe('WhatsApp: until when free text can be sent; then a template.'),
  can_send: z.object({
    text: z.boolean(),
    template: z.boolean(),
    reason: z
      .enum([
        'not_a_chat',
        'no_address',
        'whatsapp_only',
        'opted_out',
        'twilio_not_configured',
        'outside_window',
      ])
      .nullable()
      .describe('Why not, as sending would answer.'),
  }),
  calls: z.array(
    z.object({
      id: z.string(),
      direction: z.string(),
      status: text,
      outcome: text,
      started_at: z.string(),
    }),
  ),
  appointments: z.array(
    z.object({ id: z.string(), status: z.string(), start: z.string(), practitioner: text }),
  ),
});

export type Conversation = z.infer<typeof conversation>;
export type ConversationDetail = z.infer<typeof conversationDetail>;
export type ConversationHit = z.infer<typeof hit>;
export type CanSend = ConversationDetail['can_send'];
