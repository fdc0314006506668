import { type Stated, viewClinic } from './recount-records/clinic-view.ts';
import { recountMessages } from './recount-records/messages.ts';
import type { PlainRows, RecountRules } from './recount-records/plain-rows.ts';
import { recountPlans } from './recount-records/plans.ts';
import { recountTalks } from './recount-records/talks.ts';
import { recountVisits } from './recount-records/visits.ts';

export type { PlainRows } from './recount-records/plain-rows.ts';

/**
 * What should be stated of records but calls, found the slow way: each row is held against all others, by the words of
 * what its record's fields mean. Dimensions and measures are then made by the domain's pure functions.
 * @returns statements by `kind id basis`
 */
export function recountRecords(rows: PlainRows, rules: RecountRules): Map<string, Stated> {
  const found = new Map<string, Stated>();
  const add = (kind: string, id: string, statements: Readonly<Record<string, Stated | null>>) => {
    for (const [basis, statement] of Object.entries(statements))
      if (statement) found.set(`${kind} ${id} ${basis}`, statement);
  };
  const view = viewClinic(rows, rules);
  for (const recount of [recountVisits, recountPlans, recountMessages, recountTalks]) recount(view, add);
  return found;
}
