import type { Client } from '@switchboard/postgres';
import type { Touched } from '@switchboard/postgres/facts/state-touched';
import { settleConversations } from '@switchboard/postgres/people/settle-conversations';
import {
  findUnnoted,
  noteNamed,
  noteTyped,
  type ToldPlace,
} from '@switchboard/postgres/records/named-patients';
import { loadRecordIds, type RecordKey } from '@switchboard/postgres/records/record-states';
import { numberingOf, winners } from './changed-record.ts';
import { keyOf } from './join-records.ts';
import { patientIn } from './links.ts';
import { isTyped } from './write-messages.ts';

/**
 * Lets messages that an older release stored note whom they name, some at a time: by that a correction of another message
 * leaves the patient to the conversation, and a conversation of several follows their merges. And lets those that people
 * sent be answers.
 * @returns what is to be stated anew; `next` is null when there are no more
 */
export async function noteSome(
  client: Client,
  tenantId: string,
  after: ToldPlace | null,
  most: number,
): Promise<{ noted: number; touched: Touched; next: ToldPlace | null }> {
  const { messages, next } = await findUnnoted(client, tenantId, after, most);
  const naming = messages.flatMap(({ id, named, numbering, externalId, state }) => {
    if (named) return [];
    const patient = patientIn({ kind: 'message', externalId }, winners(state));
    if (patient === undefined) return [];
    const key: RecordKey = {
      kind: 'patient',
      numbering: numberingOf(numbering, patient),
      externalId: patient,
    };
    return [{ id, key }];
  });
  const patients = new Map(
    (
      await loadRecordIds(
        client,
        tenantId,
        naming.map(({ key }) => key),
      )
    ).map((one) => [keyOf(one), one.id]),
  );
  const named = naming.flatMap(({ id, key }) => {
    const patientId = patients.get(keyOf(key));
    return patientId === undefined ? [] : [{ messageId: id, patientId }];
  });
  const conversations = await noteNamed(client, tenantId, named);
  const settled =
    conversations.length === 0
      ? []
      : await settleConversations(client, tenantId, [...new Set(named.map(({ patientId }) => patientId))]);
  const typed = messages.flatMap(({ id, bySystem, state }) =>
    bySystem && isTyped(winners(state)) ? id : [],
  );
  await noteTyped(client, tenantId, typed);
  return {
    noted: named.length + typed.length,
    touched: { conversations: settled, messages: typed },
    next,
  };
}
