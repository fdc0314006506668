import { uuidV7 } from '@switchboard/domain/ids';
import type { Client } from '@switchboard/postgres';
import { loadPeoplesDecisions } from '@switchboard/postgres/people/told-matches';
import { findConversations } from '@switchboard/postgres/records/messages';
import { loadRows } from '@switchboard/postgres/records/record-states';
import type { Row } from '@switchboard/postgres/rows';
import {
  addMessage,
  beginConversation,
  type ConversationKey,
  chooseConversation,
  type Placed,
  placeMessage,
} from './choose-conversations.ts';

/** The conversations of the batch's messages, as they become. */
export async function openConversations(
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
  const decided = await loadPeoplesDecisions(
    client,
    tenantId,
    'conversation',
    [...found, ...own.values()].map(({ id }) => String(id)),
  );
  const named = new Set<string>();
  const byId = new Map([...found, ...own.values()].map((row) => [String(row.id), row]));
  const byKey = Map.groupBy(found, (row) => JSON.stringify(keyOfRow(row)));
  const changed = new Set<string>();
  const places = new Map<string, string>();

  function open(one: Placed): Row {
    const { channel, phone, sentAt } = one;
    const name = 'externalId' in one.key ? one.key : null;
    const row = beginConversation({ tenantId, id: uuidV7(now()), channel, phone, sentAt, name });
    const key = JSON.stringify(one.key);
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
    return row;
  }

  for (const one of placed) {
    const { record, key } = one;
    const message = messages.get(record.id);
    const before = message && placeMessage(record, record.was, country);
    if (message && JSON.stringify(before?.key) === JSON.stringify(key)) {
      const id = String(message.conversation_id);
      places.set(record.id, id);
      const own = byId.get(id);
      if (own && before?.direction !== one.direction) {
        byId.set(id, addMessage(own, one));
        changed.add(id);
      }
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
    /** Patients that earlier messages named. */
    namedBefore: () => [...new Set([...byId.values()].flatMap(namedIn))],
    /** Notes whom a message is said to be to or from: a conversation is somebody's while all its messages say the same. */
    name(one: Placed, patientId: string | undefined, patientOf: (id: string) => string): void {
      const id = places.get(one.record.id) ?? '';
      const row = byId.get(id);
      if (!row || patientId === undefined) return;
      const before = namedIn(row);
      if (before.includes(patientId)) return;
      const patients = [...before, patientId].sort();
      const [only, ...others] = new Set(patients.map(patientOf));
      const isOne = only !== undefined && others.length === 0;
      byId.set(id, {
        ...row,
        merge_state: { patients },
        // What a person decided stands.
        ...(!decided.has(id) && {
          patient_id: isOne ? only : null,
          original_patient_id: isOne ? patients[0] : null,
        }),
      });
      changed.add(id);
      if (!decided.has(id)) named.add(id);
    },
    named: () => [...named],
    changed: () =>
      [...changed].flatMap((id): Row[] => {
        const row = byId.get(id);
        return row ? [{ ...row, version: Number(row.version) + 1 }] : [];
      }),
  };
}

/** Patients that the messages of a conversation name. */
function namedIn({ merge_state }: Row): string[] {
  const patients: unknown =
    typeof merge_state === 'object' && merge_state !== null ? Reflect.get(merge_state, 'patients') : [];
  return Array.isArray(patients) ? patients.map(String) : [];
}

function keyOfRow({ channel, contact_phone, source, external_id }: Row): ConversationKey {
  return typeof external_id === 'string'
    ? { source: String(source), externalId: external_id }
    : { channel: String(channel), phone: String(contact_phone) };
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
