import type { Client } from '@switchboard/postgres';
import { type ToldMatch, writeToldMatches } from '@switchboard/postgres/people/told-matches';
import { loadSurvivors } from '@switchboard/postgres/people/told-patients';
import {
  countUnread,
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
  for (const one of placed)
    conversations.name(
      one,
      links.idOf('patient', one.record, patientIn(one.record, one.record.now)),
      standsFor,
    );
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
          }
        : {};
    const next = {
      ...messageColumns(record, record.now, record.after, country),
      ...identityOf(record),
      conversation_id,
    };
    return overlayMessage(tenantId, record, row, was, next);
  });
  await upsertMessageConversations(client, conversations.changed());
  // Whom the messages name is no question of numbers any more.
  await writeToldMatches(client, tenantId, conversations.named().map(noMatch));
  await upsertMessages(client, rows);
  const touched = conversations.changed().map(({ id }) => String(id));
  await countUnread(
    client,
    tenantId,
    touched,
    rows.flatMap(({ id }) => (stored.has(String(id)) ? [] : [String(id)])),
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
    merge_state: {},
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
    sender_kind: direction === 'inbound' ? 'patient' : 'system',
    body: textOf(winners, 'body'),
    template: textOf(winners, 'template'),
    status: direction === 'inbound' ? 'received' : statuses.includes(told) ? told : 'sent',
    status_at: isoOf(momentOf(state, 'status')),
    sent_at: isoOf(sentAt),
  };
}

function noMatch(entityId: string): ToldMatch {
  return { id: '', entityKind: 'conversation', entityId, linked: null, candidates: [], modelVersion: '' };
}

function bySending(left: Placed, right: Placed): number {
  return left.sentAt - right.sentAt || (left.record.externalId < right.record.externalId ? -1 : 1);
}
