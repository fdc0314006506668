import { uuidV7 } from '@switchboard/domain/ids';
import type { Client } from '@switchboard/postgres';
import {
  countUnread,
  findConversations,
  upsertMessageConversations,
  upsertMessages,
} from '@switchboard/postgres/records/messages';
import { loadRows } from '@switchboard/postgres/records/record-states';
import type { Row } from '@switchboard/postgres/rows';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { type ChangedRecord, changes, isoOf, momentOf, textOf, type Winners } from './changed-record.ts';
import {
  addMessage,
  type ConversationKey,
  chooseConversation,
  type Placed,
  placeMessage,
} from './choose-conversations.ts';
import { type Links, patientIn } from './links.ts';
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
  for (const one of placed)
    conversations.name(
      one,
      links.idOf('patient', one.record, patientIn(one.record, one.record.now)),
      patientOf,
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

/** The conversations of the batch's messages, as they become. */
async function openConversations(
  client: Client,
  tenantId: string,
  placed: readonly Placed[],
  messages: ReadonlyMap<string, Row>,
  reopenDays: number,
  now: () => number,
  country: string,
) {
  const keys = placed.map(({ key }) => key);
  const found = await findConversations(
    client,
    tenantId,
    unique(keys.flatMap((key) => ('externalId' in key ? [key] : []))),
    unique(keys.flatMap((key) => ('phone' in key ? [key] : []))),
  );
  const own = await loadRows(
    client,
    tenantId,
    'conversations',
    [...messages.values()].map((row) => String(row.conversation_id)),
  );
  const byId = new Map([...found, ...own.values()].map((row) => [String(row.id), row]));
  const byKey = Map.groupBy(found, (row) => JSON.stringify(keyOfRow(row)));
  const changed = new Set<string>();
  const places = new Map<string, string>();

  function open(one: Placed): Row {
    const at = new Date(one.sentAt).toISOString();
    const row = {
      tenant_id: tenantId,
      id: uuidV7(now()),
      channel: one.channel,
      state: 'pending',
      contact_phone: one.phone,
      last_inbound_at: null,
      last_message_at: at,
      began_at: at,
      resolved_at: null,
      reopened: 0,
      unread: 0,
      labels: [],
      source: 'externalId' in one.key ? one.key.source : null,
      external_id: 'externalId' in one.key ? one.key.externalId : null,
      merge_state: {},
      version: 0,
    };
    const key = JSON.stringify(one.key);
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
    return row;
  }

  for (const one of placed) {
    const { record, key } = one;
    const message = messages.get(record.id);
    const before = message && placeMessage(record, record.was, country).key;
    if (message && JSON.stringify(before) === JSON.stringify(key)) {
      places.set(record.id, String(message.conversation_id));
      continue;
    }
    const known = (byKey.get(JSON.stringify(key)) ?? []).map((row) => byId.get(String(row.id)) ?? row);
    const row =
      chooseConversation(known, one.sentAt, 'phone' in key ? reopenDays : Number.POSITIVE_INFINITY) ??
      open(one);
    byId.set(String(row.id), addMessage(row, one));
    places.set(record.id, String(row.id));
    changed.add(String(row.id));
  }

  return {
    idOf: ({ record }: Placed) => places.get(record.id),
    /** Notes whom a message is said to be to or from: a conversation is somebody's while all its messages say the same. */
    name(one: Placed, patientId: string | undefined, patientOf: (id: string) => string): void {
      const id = places.get(one.record.id) ?? '';
      const row = byId.get(id);
      if (!row || patientId === undefined) return;
      const named = namedIn(row);
      if (named.includes(patientId)) return;
      const patients = [...named, patientId].sort();
      const [only, ...others] = new Set(patients.map(patientOf));
      const isOne = only !== undefined && others.length === 0;
      byId.set(id, {
        ...row,
        merge_state: { patients },
        patient_id: isOne ? only : null,
        original_patient_id: isOne ? patients[0] : null,
      });
      changed.add(id);
    },
    changed: () =>
      [...changed].flatMap((id): Row[] => {
        const row = byId.get(id);
        return row ? [{ ...row, version: Number(row.version) + 1 }] : [];
      }),
  };
}

/** Patients that the messages of a conversation name. */
export function namedIn({ merge_state }: Row): string[] {
  const patients: unknown =
    typeof merge_state === 'object' && merge_state !== null ? Reflect.get(merge_state, 'patients') : [];
  return Array.isArray(patients) ? patients.map(String) : [];
}

function keyOfRow({ channel, contact_phone, source, external_id }: Row): ConversationKey {
  return typeof external_id === 'string'
    ? { source: String(source), externalId: external_id }
    : { channel: String(channel), phone: String(contact_phone) };
}

function bySending(left: Placed, right: Placed): number {
  return left.sentAt - right.sentAt || (left.record.externalId < right.record.externalId ? -1 : 1);
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
