import type { Client } from '@switchboard/postgres';
import { type ToldMatch, writeToldMatches } from '@switchboard/postgres/people/told-matches';
import { loadSurvivors } from '@switchboard/postgres/people/told-patients';
import {
  countUnread,
  forgetNamed,
  refreshTimes,
  upsertMessageConversations,
  upsertMessages,
} from '@switchboard/postgres/records/messages';
import { loadRows } from '@switchboard/postgres/records/record-states';
import type { Row } from '@switchboard/postgres/rows';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { type ChangedRecord, changes, isoOf, momentOf, textOf, type Winners } from './changed-record.ts';
import { type Placed, placeMessage } from './choose-conversations.ts';
import { type Links, patientIn } from './links.ts';
import { openConversations } from './open-conversations.ts';
import { type Columns, overlay } from './overlay.ts';
import { identityOf } from './write-rows.ts';

export interface WrittenMessages {
  messages: string[];
  conversations: string[];
  /** Conversations of which a message names no patient, by number. */
  phones: string[];
}

const statuses = ['queued', 'sent', 'delivered', 'read', 'failed', 'undelivered'];

/**
 * Writes messages and the conversations they belong to.
 * @param reopenDays how long after its resolution a message opens a conversation again
 * @param patientOf who stands for a patient that was merged
 */
export async function writeMessages(
  client: Client,
  { tenantId, country }: TenantSettings,
  records: readonly ChangedRecord[],
  links: Links,
  patientOf: (id: string) => string,
  reopenDays: number,
  now: () => number,
): Promise<WrittenMessages> {
  const changing = records.filter(changes);
  if (changing.length === 0) return { messages: [], conversations: [], phones: [] };
  const stored = await loadRows(
    client,
    tenantId,
    'conversation_messages',
    changing.map(({ id }) => id),
  );
  const placed = changing.map((record) => placeMessage(record, record.now, country)).sort(bySending);
  const conversations = await openConversations(client, tenantId, placed, stored, reopenDays, now, country);
  const survivors = await loadSurvivors(client, tenantId, conversations.namedBefore());
  const standsFor = (id: string) => survivors.get(id) ?? patientOf(id);
  const namedBy = (record: ChangedRecord, winners: Winners) =>
    links.idOf('patient', record, patientIn(record, winners));
  for (const one of placed) conversations.name(one, namedBy(one.record, one.record.now), standsFor);
  const rows = placed.flatMap((one): Row[] => {
    const { record } = one;
    const row = stored.get(record.id);
    const conversation_id = conversations.idOf(one);
    const was =
      record.known && row
        ? {
            ...messageColumns(record, record.was, record.before, country),
            ...identityOf(record),
            conversation_id: row.conversation_id,
            merge_state: row.merge_state,
          }
        : {};
    const next = {
      ...messageColumns(record, record.now, record.after, country),
      ...identityOf(record),
      conversation_id,
      merge_state: naming(namedBy(record, record.now)),
    };
    return overlayMessage(tenantId, record, row, was, next);
  });
  await upsertMessageConversations(client, conversations.changed());
  // Whom the messages name is no question of numbers any more.
  await writeToldMatches(client, tenantId, conversations.named().map(noMatch));
  await upsertMessages(client, rows);
  const corrected = rows.flatMap((row) => {
    const before = stored.get(String(row.id));
    return before && standsElsewhere(before, row) ? [{ before, row }] : [];
  });
  const forgotten = await forgetNamed(client, tenantId, corrected.flatMap(namedNoMore));
  const corrections = corrected.flatMap(({ before, row }) =>
    [before, row].map((one) => String(one.conversation_id)),
  );
  await refreshTimes(client, tenantId, [...new Set(corrections)]);
  const touched = [
    ...new Set([...conversations.changed().map(({ id }) => String(id)), ...forgotten, ...corrections]),
  ];
  await countUnread(
    client,
    tenantId,
    touched,
    rows.flatMap((row) => {
      const before = stored.get(String(row.id));
      const isNew = !before || (before.direction === 'outbound' && row.direction === 'inbound');
      return isNew ? [String(row.id)] : [];
    }),
  );
  return {
    messages: rows.map(({ id }) => String(id)),
    conversations: touched,
    phones: placed.flatMap(({ phone }) => phone ?? []),
  };
}

function overlayMessage(
  tenantId: string,
  record: ChangedRecord,
  stored: Row | undefined,
  was: Columns,
  next: Columns,
): Row[] {
  const row = overlay(stored, was, next, {
    tenant_id: tenantId,
    id: record.id,
    kind: 'text',
    entities: [],
    redactions: [],
    entered_in_error: false,
  });
  return row ? [row] : [];
}

function messageColumns(
  record: ChangedRecord,
  winners: Winners,
  state: ChangedRecord['after'],
  country: string,
): Columns {
  const { direction, sentAt } = placeMessage(record, winners, country);
  const told = textOf(winners, 'status') ?? '';
  return {
    direction,
    sender_kind: direction === 'inbound' ? 'patient' : isTyped(winners) ? 'user' : 'system',
    body: textOf(winners, 'body'),
    template: textOf(winners, 'template'),
    status: direction === 'inbound' ? 'received' : statuses.includes(told) ? told : 'sent',
    status_at: isoOf(momentOf(state, 'status') ?? sentAt),
    sent_at: isoOf(sentAt),
  };
}

/** A message out that was sent by no template and for no campaign is a person's: nobody told who that was. */
export function isTyped(winners: Winners): boolean {
  return textOf(winners, 'template') === undefined && textOf(winners, 'campaign') === undefined;
}

/** A message's note of whom it names. */
function naming(patientId: string | undefined): { patient?: string } {
  return patientId === undefined ? {} : { patient: patientId };
}

/** Whether a message that was there is now of somebody else, another time or direction, or in another conversation. */
function standsElsewhere(before: Row, row: Row): boolean {
  return (
    ['conversation_id', 'direction', 'merge_state'].some(
      (name) => JSON.stringify(before[name]) !== JSON.stringify(row[name]),
    ) || Date.parse(String(before.sent_at)) !== Date.parse(String(row.sent_at))
  );
}

/** Whom a message named in its conversation before it was corrected. */
function namedNoMore({
  before,
  row,
}: {
  before: Row;
  row: Row;
}): { conversationId: string; patientId: string }[] {
  const named = (one: Row): unknown => Reflect.get(Object(one.merge_state), 'patient');
  const patientId = named(before);
  if (typeof patientId !== 'string') return [];
  if (before.conversation_id === row.conversation_id && patientId === named(row)) return [];
  return [{ conversationId: String(before.conversation_id), patientId }];
}

function noMatch(entityId: string): ToldMatch {
  return { id: '', entityKind: 'conversation', entityId, linked: null, candidates: [], modelVersion: '' };
}

function bySending(left: Placed, right: Placed): number {
  return left.sentAt - right.sentAt || (left.record.externalId < right.record.externalId ? -1 : 1);
}
