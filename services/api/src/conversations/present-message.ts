import { failureWords } from '@switchboard/domain/messaging/failure-words';
import type { NoteRow } from '@switchboard/postgres/api/conversation-notes';
import type { MessageRow } from '@switchboard/postgres/api/conversation-thread';
import type { Reader } from '../calls/present-call.ts';
import { notRedactedYet } from '../calls/redact.ts';
import type { Message, Note } from './message-schema.ts';
import { beginningFor, textFor } from './redact-message.ts';

/** No word is spelt with it. */
const isPicture = /^[^\p{L}\p{N}]{1,40}$/u;

/** @param names of the contact and the patient, masked for readers without PHI */
export function presentMessage(row: MessageRow, reader: Reader, names: readonly (string | null)[]): Message {
  const reason = failureWords(row.status, row.error_code);
  const { quoted } = row;
  return {
    id: row.id,
    direction: row.direction === 'outbound' ? 'outbound' : 'inbound',
    sender: { kind: row.sender_kind, id: row.sender_id, name: row.sender_name },
    kind: row.kind,
    text: textFor(reader, row, names),
    redacted: !reader.seesPhi,
    template: row.template,
    status: row.status,
    status_at: row.status_at?.toISOString() ?? null,
    failure: reason === undefined ? null : { code: row.error_code, reason },
    sent_at: row.sent_at.toISOString(),
    edited_at: row.edited_at?.toISOString() ?? null,
    quoted: quoted && {
      id: quoted.id,
      direction: quoted.direction,
      kind: quoted.kind,
      text: beginningFor(reader, quoted, names),
    },
    media: row.media.map((medium) => ({
      ...medium,
      url: reader.seesPhi && medium.state === 'stored' ? `/api/v1/media/${row.id}/${medium.position}` : null,
    })),
    reactions: row.reactions.map(({ direction, emoji, sent_at }) => ({
      direction,
      emoji: reader.seesPhi || isPicture.test(emoji) ? emoji : notRedactedYet,
      at: new Date(sent_at).toISOString(),
    })),
    language: row.language,
    intent: row.intent,
    sentiment: row.sentiment,
    entered_in_error: row.entered_in_error,
  };
}

/** Notes are never analysed, so that who may not see PHI sees none of their text. */
export function presentNote(row: NoteRow, { seesPhi }: Reader): Note {
  return {
    id: row.id,
    author: row.author_id === null ? null : { id: row.author_id, name: row.author_name },
    text: seesPhi ? row.body : null,
    at: row.created_at.toISOString(),
  };
}
