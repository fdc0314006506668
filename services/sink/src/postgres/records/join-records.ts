import { uuidV7 } from '@switchboard/domain/ids';
import { emptyState, mergeStates } from '@switchboard/domain/records/record-state';
import { namedPrefix, plainName, type RecordStatement } from '@switchboard/domain/records/record-statements';
import type { Client } from '@switchboard/postgres';
import {
  loadAdoptable,
  loadRecordStates,
  loadRenamed,
  type RecordKey,
  type StoredState,
} from '@switchboard/postgres/records/record-states';
import {
  type ChangedRecord,
  clinicNumbering,
  differs,
  keyOfStep,
  numberingOf,
  type RecordEvent,
  type SaidEvent,
  textOf,
  winners,
} from './changed-record.ts';
import { withoutEmptied } from './emptied-records.ts';

interface Said extends RecordKey {
  statements: RecordStatement[];
  cause: RecordEvent;
}

/**
 * Joins what the events say, record by record, with what was known. A record heard of for the first time gets its id, or
 * that of the clinic's own row that it means.
 * @param ownNumberings origins whose ids are no ids of the clinic's
 */
export async function joinRecords(
  client: Client,
  tenantId: string,
  events: readonly SaidEvent[],
  ownNumberings: readonly string[],
  now: () => number,
): Promise<ChangedRecord[]> {
  const heard = [...saidBy(events, ownNumberings).values()];
  const stored = new Map((await loadRecordStates(client, tenantId, heard)).map((one) => [keyOf(one), one]));
  const said = [...saidBy(withoutAllEmptied(events, ownNumberings, stored), ownNumberings).values()];
  const adopted = await adopt(client, tenantId, said, stored);
  const renamed = await findRenamed(client, tenantId, said, stored);
  return said.map((one) => {
    const known = stored.get(keyOf(one));
    const before = known?.state ?? emptyState;
    const after = one.statements.reduce((state, statement) => mergeStates(state, statement.state), before);
    return {
      kind: one.kind,
      numbering: one.numbering,
      externalId: one.externalId,
      id: renamed.get(keyOf(one)) ?? known?.id ?? adopted.get(keyOf(one)) ?? uuidV7(now()),
      known: known !== undefined,
      before,
      after,
      altered: differs(before, after) || renamed.has(keyOf(one)),
      was: winners(before),
      now: winners(after),
      cause: one.cause,
    };
  });
}

/** Tells records apart. */
export function keyOf({ kind, numbering, externalId }: RecordKey): string {
  return JSON.stringify([kind, numbering, externalId]);
}

function withoutAllEmptied(
  events: readonly SaidEvent[],
  ownNumberings: readonly string[],
  stored: ReadonlyMap<string, StoredState>,
): readonly SaidEvent[] {
  return events.map((event) =>
    withoutEmptied(event, (statement) => stored.get(keyOf(recordOf(event.cause, statement, ownNumberings)))),
  );
}

function saidBy(events: readonly SaidEvent[], ownNumberings: readonly string[]): Map<string, Said> {
  const said = new Map<string, Said>();
  for (const { cause, statements } of events) {
    for (const statement of statements) {
      const record = recordOf(cause, statement, ownNumberings);
      const key = keyOf(record);
      const one = said.get(key);
      if (one) one.statements.push(statement);
      said.set(key, { ...record, statements: one?.statements ?? [statement], cause });
    }
  }
  return said;
}

/** Of which record an event says something. */
function recordOf(
  { event: { origin } }: RecordEvent,
  { kind, journeyId, externalId: id }: RecordStatement,
  ownNumberings: readonly string[],
): RecordKey {
  const externalId = journeyId === null ? id : keyOfStep(journeyId, id);
  const own = ownNumberings.includes(origin) ? origin : clinicNumbering;
  return { kind, numbering: numberingOf(own, externalId), externalId };
}

/** Rows that were made here and that the clinic's system names now. */
async function adopt(
  client: Client,
  tenantId: string,
  said: readonly Said[],
  stored: ReadonlyMap<string, StoredState>,
): Promise<Map<string, string>> {
  const fresh = said.filter((one) => one.numbering === clinicNumbering && !stored.has(keyOf(one)));
  const found = await loadAdoptable(
    client,
    tenantId,
    fresh
      .filter(({ kind }) => ['location', 'practitioner', 'appointment_type', 'patient'].includes(kind))
      .map((one) => ({ kind: one.kind, externalId: one.externalId, name: nameOf(one) })),
  );
  const adopted = new Map<string, string>();
  const taken = new Set<string>();
  for (const { kind, externalId, id } of found) {
    if (!taken.has(id)) adopted.set(JSON.stringify([kind, clinicNumbering, externalId]), id);
    taken.add(id);
  }
  return adopted;
}

/** Kinds of visit that go by their name alone, where another is called that by now. */
async function findRenamed(
  client: Client,
  tenantId: string,
  said: readonly Said[],
  stored: ReadonlyMap<string, StoredState>,
): Promise<Map<string, string>> {
  const found = await loadRenamed(
    client,
    tenantId,
    said.flatMap((one) => {
      const { kind, externalId } = one;
      const known = stored.get(keyOf(one));
      const isNamed = kind === 'appointment_type' && externalId.startsWith(namedPrefix);
      return known && isNamed
        ? [{ externalId, name: externalId.slice(namedPrefix.length), id: known.id }]
        : [];
    }),
  );
  return new Map(
    found.map(({ externalId, id }) => [
      keyOf({ kind: 'appointment_type', numbering: clinicNumbering, externalId }),
      id,
    ]),
  );
}

/** By which name a row may be meant: people and places that have an id of their own may share theirs. */
function nameOf({ kind, externalId, statements }: Said): string | null {
  if (externalId.startsWith(namedPrefix)) return externalId.slice(namedPrefix.length);
  if (kind !== 'appointment_type') return null;
  const state = statements.reduce((all, statement) => mergeStates(all, statement.state), emptyState);
  return plainName(textOf(winners(state), 'reference_name'));
}
