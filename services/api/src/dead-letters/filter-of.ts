import { pseudonymOf } from '@switchboard/domain/pseudonym';
import type { Queryable } from '@switchboard/postgres';
import { readTimeZone } from '@switchboard/postgres/api/tenant-calendar';
import { phonesOf } from '@switchboard/postgres/people/phones';
import type { DeadLetterFilter } from '@switchboard/postgres/pipeline/find-dead-letters';
import { type FilterFields, toLetterFilter } from './letter-schema.ts';

/** Makes what a request asks for a filter: its dates are the clinic's, its patient is the pseudonyms of their phones. */
export function createFilterOf(pseudonymKey: Buffer) {
  return async function filterOf(
    client: Queryable,
    tenantId: string,
    fields: FilterFields,
  ): Promise<DeadLetterFilter> {
    const people = await peopleOf(client, tenantId, fields);
    return toLetterFilter(fields, await readTimeZone(client, tenantId), people);
  };

  async function peopleOf(
    client: Queryable,
    tenantId: string,
    { patient_id: patientId, pseudonym }: FilterFields,
  ): Promise<string[] | undefined> {
    if (patientId === undefined) return pseudonym === undefined ? undefined : [pseudonym];
    const phones = await phonesOf(client, tenantId, patientId);
    const theirs = phones.map((phone) => pseudonymOf(pseudonymKey, tenantId, phone));
    return pseudonym === undefined ? theirs : theirs.filter((one) => one === pseudonym);
  }
}
