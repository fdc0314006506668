import type { FieldStates } from '@switchboard/domain/records/record-state';
import type { RecordStatement } from '@switchboard/domain/records/record-statements';
import { tellingFields } from '@switchboard/postgres/erasure/clear-states';
import type { StoredState } from '@switchboard/postgres/records/record-states';
import type { SaidEvent } from './changed-record.ts';

const telling: ReadonlySet<string> = new Set(tellingFields);

/**
 * An event as far as it may be taken: one that says what was before its record was emptied tells nothing of a patient any
 * more, and names none who is not known. What is counted of the record is taken as ever.
 * @param known what is known of the record that a statement is of
 */
export function withoutEmptied(
  said: SaidEvent,
  known: (statement: RecordStatement) => StoredState | undefined,
): SaidEvent {
  const { cause, statements } = said;
  const [own] = statements;
  const emptiedAt = own && known(own)?.emptiedAt;
  const { occurred_at, received_at } = cause.event;
  if (!emptiedAt || (occurred_at ?? received_at) > emptiedAt.getTime()) return said;
  const kept = statements.filter((one) => one.kind !== 'patient' || known(one) !== undefined);
  return { cause, statements: kept.map((one) => (one.kind === 'patient' ? one : emptied(one))) };
}

function emptied(statement: RecordStatement): RecordStatement {
  const { fields, moves } = statement.state;
  return { ...statement, state: { fields: withoutTelling(fields), extra: {}, moves } };
}

function withoutTelling(fields: FieldStates): FieldStates {
  return Object.fromEntries(
    Object.entries(fields).map(([name, sources]) => [
      name,
      telling.has(name)
        ? Object.fromEntries(
            Object.entries(sources).map(([source, held]) => [source, { ...held, value: null }]),
          )
        : sources,
    ]),
  );
}
