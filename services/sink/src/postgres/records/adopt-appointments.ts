import type { Client } from '@switchboard/postgres';
import {
  giveSteps,
  loadAnswered,
  retireAppointments,
} from '@switchboard/postgres/records/answered-appointments';
import { type ChangedRecord, textOf } from './changed-record.ts';

/** A record whose row is another one now. */
export interface Replaced {
  from: string;
  to: string;
}

/** Records that answer a change of ours: the ids they have taken, and the rows that they had before. */
export interface Answered {
  adopted: ReadonlySet<string>;
  replaced: readonly Replaced[];
}

/**
 * Lets records that answer a change of ours be the appointments that were made here: they take their ids. A row that the
 * record had before, since an event without our id came first, is to be retired.
 */
export async function adoptOwn(
  client: Client,
  tenantId: string,
  records: readonly ChangedRecord[],
): Promise<Answered> {
  const answers = records.flatMap((record) => {
    const id = textOf(record.now, 'appointment_id')?.toLowerCase();
    return id === undefined || id === record.id ? [] : [{ record, id }];
  });
  const free = await loadAnswered(
    client,
    tenantId,
    answers.map(({ id }) => id),
  );
  const adopted = new Set<string>();
  const replaced: Replaced[] = [];
  for (const { record, id } of answers) {
    // Two records can't both be one appointment of ours: the first keeps it.
    if (!free.delete(id)) continue;
    if (record.known) replaced.push({ from: record.id, to: id });
    record.id = id;
    adopted.add(id);
  }
  return { adopted, replaced };
}

/** Marks rows that were told a second time by mistake, and gives what they had to the ones that stay. */
export async function retireReplaced(
  client: Client,
  tenantId: string,
  replaced: readonly Replaced[],
): Promise<void> {
  await giveSteps(client, tenantId, replaced);
  await retireAppointments(
    client,
    tenantId,
    replaced.map(({ from }) => from),
  );
}
