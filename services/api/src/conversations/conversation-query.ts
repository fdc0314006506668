import { type ConversationFilter, conversationStates } from '@switchboard/postgres/api/conversation-list';
import { conversationChannels } from '@switchboard/postgres/conversation-channels';
import { z } from 'zod';
import { cursorParameter, instantInCursor } from '../paging/cursor.ts';
import { line, listOf, whole, yesOrNo } from '../paging/parameters.ts';

const place = z.strictObject({ at: instantInCursor, id: z.uuid() });
const severalOf = <T extends z.ZodType<string>>(one: T) =>
  z
    .union([one, z.array(one).max(50)])
    .transform((given) => [given].flat())
    .optional();

/** A key of the clinic's own list: so it is counted, and tells of nobody. */
export const label = z
  .string()
  .regex(/^[\w.:-]{1,64}$/, 'must be a key of letters, digits, _ . : and -, at most 64');

const filters = {
  q: line(200).optional().describe('Words written or said, or the contact’s or patient’s name or number.'),
  channel: listOf(conversationChannels),
  status: listOf(conversationStates).describe('As it is now: a snooze that is over is open.'),
  assignee: severalOf(z.union([z.uuid(), z.enum(['me', 'none'])])).describe('Users, `me` or `none`.'),
  label: severalOf(label).describe('With any of these.'),
  patient_id: z.uuid().optional(),
};

/** Parameters of `GET /conversations`. */
export const conversationQuery = z.strictObject({
  ...filters,
  unread: yesOrNo,
  limit: whole(200, 1).default(50),
  cursor: cursorParameter(place),
});

/** Body of `POST /conversations/search`. */
export const conversationSearch = z.strictObject({
  ...filters,
  unread: z.boolean().optional(),
  limit: z.int().min(1).max(200).default(50),
  cursor: cursorParameter(place),
});

export type ConversationQuery = z.infer<typeof conversationQuery>;

/** The query in terms of the records, but for what is searched for. @param userId null: a key, which is nobody */
export function toConversationFilter(query: ConversationQuery, userId: string | null): ConversationFilter {
  return {
    channel: query.channel,
    state: query.status,
    assignee: query.assignee
      ?.filter((who) => who !== 'me' || userId !== null)
      .map((who) => (who === 'none' ? null : who === 'me' ? userId : who)),
    unread: query.unread,
    label: query.label,
    patientId: query.patient_id,
  };
}

/** Parameters of `GET /conversations/{id}/messages`. */
export const threadQuery = z
  .strictObject({
    around: z.uuid().optional().describe('A message, shown with those before and after it.'),
    limit: whole(200, 1).default(50),
    cursor: cursorParameter(
      z.strictObject({ toward: z.enum(['older', 'newer']), at: instantInCursor, id: z.uuid() }),
    ).describe('`older_cursor` or `newer_cursor` of an answer.'),
  })
  .refine(({ around, cursor }) => around === undefined || cursor === undefined, {
    path: ['around'],
    error: 'must be given without a cursor',
  });

export type ThreadQuery = z.infer<typeof threadQuery>;

/** Parameters of `GET /conversations/{id}/notes`. */
export const noteQuery = z.strictObject({
  limit: whole(200, 1).default(50),
  cursor: cursorParameter(place),
});
