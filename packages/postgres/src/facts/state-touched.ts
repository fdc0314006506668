import { type Client, together } from '../pool.ts';
import { loadClinicRules } from './clinic-rules.ts';
import { findTouched } from './find-touched.ts';
import { stateRecords } from './state-records.ts';
import type { StateContext, Touched } from './touched.ts';

export type { StateContext, Touched } from './touched.ts';

/**
 * States anew the facts of what is named and of everything whose answers that changes: a patient's other appointments and
 * conversations, a practitioner's neighbours of a slot, a journey's steps, a message's neighbours, the same caller's
 * calls. What was stated last tells where a record stood before, so that only ids are asked for. Called after the rows
 * are written, once per transaction with all that it changed; twice does no harm. The caller holds the tenant's lock.
 * @returns how many statements changed
 */
export async function stateTouched(client: Client, context: StateContext, touched: Touched): Promise<number> {
  const [found, rules] = await together(
    findTouched(client, context, touched),
    loadClinicRules(client, context.tenant),
  );
  return stateRecords(client, context, found, rules);
}
