import { uuidV7 } from '@switchboard/domain/ids';
import type { OnStep } from '@switchboard/platform';
import { writeAudit } from '../api/audit.ts';
import { stateTouched, type Touched } from '../facts/state-touched.ts';
import { loadFamily } from '../people/patient-family.ts';
import { type Client, lockTenant, type Pool, withTenant } from '../pool.ts';
import type { TenantSettings } from '../tenants.ts';
import type { CallPosition } from '../voice/fact-records.ts';
import {
  callParts,
  clearCallers,
  clearCallTexts,
  clearRecordings,
  emptyUse,
  markEmptied,
  useTells,
} from './clear-calls.ts';
import { clearContacts, clearMessageTexts } from './clear-messages.ts';
import { clearStates } from './clear-states.ts';
import { clearAppointmentTexts, clearJourneyTexts, clearRequests } from './clear-visits.ts';
import { type ErasedKind, erasedKinds, findOfPerson, findTold, type Person } from './records-of-person.ts';
import { isStandIn, type StandIn, standInOf } from './stand-ins.ts';

/** Where an erasure stands between two of its transactions. */
export type EraseStep = 'erase-begun' | `erase-${ErasedKind}` | 'erase-ended';

export interface EraseOptions {
  tenant: TenantSettings;
  pseudonymKey: Buffer;
  patientId: string;
  /** Who does it, for the audit log. */
  by: { kind: 'user' | 'system'; id: string };
  /** Asked before anything is erased, under the tenant's lock: whether it still is to be. */
  isDue?(client: Client): Promise<boolean>;
  /** Unix ms. */
  now(): number;
  onStep?: OnStep<EraseStep>;
}

/** Records in one transaction: the tenant's lock is held for tens of milliseconds. */
const perTransaction = 25;

/**
 * Removes for good all that tells who a patient is, and all that was said: of the patient, of those merged into one with
 * it, and of calls and conversations under a number that nobody else has. The rows stay, and so do the numbers; the phone's
 * place is taken by a stand-in that tells callers apart. Goes page by page, each a transaction; broken off and begun again
 * it ends the same. Who calls, writes or books meanwhile is erased with the rest. Objects of recordings and media are removed by the job that tidies files.
 * @returns how many records were emptied, by kind; none where it is not due any more
 * @throws SwitchboardError `patient_unknown`
 */
export async function erasePatient(pool: Pool, options: EraseOptions): Promise<Record<ErasedKind, number>> {
  const { isDue, ...due } = options;
  const { onStep } = options;
  const { tenantId } = options.tenant;
  const erased = { calls: 0, messages: 0, conversations: 0, appointments: 0, journeys: 0, requests: 0 };
  const person = await inTurn(pool, tenantId, async (client) => {
    if (isDue && !(await isDue(client))) return undefined;
    const found = await loadPerson(client, options);
    // By a number that only their calls had, none of these is found any more once the calls are empty.
    await clearToolCallers(client, tenantId, found);
    return found;
  });
  if (!person) return erased;
  await onStep?.('erase-begun');
  for (const kind of erasedKinds) {
    for (let after: string | undefined, more = true; more; ) {
      const ids = await inTurn(pool, tenantId, async (client) => {
        const page = await findOfPerson(client, tenantId, kind, person, { after, most: perTransaction });
        if (page.length > 0) await eraseSome(client, options, kind, page, person);
        return page;
      });
      await onStep?.(`erase-${kind}`);
      erased[kind] += ids.length;
      after = ids.at(-1);
      more = ids.length === perTransaction;
    }
  }
  const isOver = await inTurn(pool, tenantId, async (client) => {
    const now = await loadPerson(client, options);
    // Somebody was merged into them meanwhile, whose records are old.
    if (now.patientIds.some((id) => !person.patientIds.includes(id))) return false;
    for (const kind of erasedKinds) {
      const late = await findOfPerson(client, tenantId, kind, now, { unsettled: true });
      if (late.length > 0) await eraseSome(client, options, kind, late, now);
    }
    await clearStates(client, tenantId, now.told);
    await erasePerson(client, options, { ...now, standIns: [...person.standIns, ...now.standIns] });
    return true;
  });
  await onStep?.('erase-ended');
  // What was begun is finished.
  return isOver ? erased : erasePatient(pool, due);
}

function inTurn<T>(pool: Pool, tenantId: string, work: (client: Client) => Promise<T>): Promise<T> {
  return withTenant(pool, tenantId, async (client) => {
    await lockTenant(client, tenantId);
    return work(client);
  });
}

async function loadPerson(
  client: Client,
  { tenant, pseudonymKey, patientId }: EraseOptions,
): Promise<Person> {
  const { tenantId } = tenant;
  const family = await loadFamily(client, tenantId, [patientId]);
  family.require(patientId);
  const patientIds = [...family.members];
  const { rows } = await client.query<{ phone: string; shared: boolean }>(
    `SELECT DISTINCT i.value AS phone, EXISTS (SELECT FROM patient_identifiers o
       WHERE o.tenant_id = $1 AND o.kind = 'phone' AND o.value = i.value AND o.patient_id <> ALL ($2::uuid[])) AS shared
     FROM patient_identifiers i WHERE i.tenant_id = $1 AND i.patient_id = ANY ($2::uuid[]) AND i.kind = 'phone'`,
    [tenantId, patientIds],
  );
  const { rows: used } = await client.query<{ phone: string }>(
    `SELECT contact_phone AS phone FROM voice_calls WHERE tenant_id = $1 AND patient_id = ANY ($2::uuid[]) AND contact_phone IS NOT NULL
     UNION SELECT contact_phone FROM conversations WHERE tenant_id = $1 AND patient_id = ANY ($2::uuid[]) AND contact_phone IS NOT NULL`,
    [tenantId, patientIds],
  );
  const phones = [...new Set([...rows, ...used].map(({ phone }) => phone))].filter(
    (phone) => !isStandIn(phone),
  );
  return {
    patientIds,
    ownPhones: rows.filter(({ shared }) => !shared).map(({ phone }) => phone),
    standIns: phones.map((phone) => standInOf(pseudonymKey, tenantId, phone)),
    told: await findTold(client, tenantId, patientIds),
  };
}

async function eraseSome(
  client: Client,
  options: EraseOptions,
  kind: ErasedKind,
  ids: readonly string[],
  { standIns }: Person,
): Promise<void> {
  const { tenantId } = options.tenant;
  if (kind === 'appointments') return clearAppointmentTexts(client, tenantId, ids);
  if (kind === 'journeys') return clearJourneyTexts(client, tenantId, ids);
  if (kind === 'requests') return clearRequests(client, tenantId, ids);
  if (kind === 'messages') return clearMessageTexts(client, tenantId, ids);
  if (kind === 'conversations') {
    const conversations = await clearContacts(client, tenantId, ids, standIns);
    return stateAgain(client, options, { conversations });
  }
  await clearCallTexts(client, tenantId, ids);
  await clearRecordings(client, tenantId, ids);
  await markEmptied(client, tenantId, ids, callParts);
  await stateAgain(client, options, await eraseCallers(client, tenantId, ids, standIns));
}

/** Empties who called. @returns what is to be stated anew: calls of the same number, too */
export async function eraseCallers(
  client: Client,
  tenantId: string,
  ids: readonly string[],
  standIns: readonly StandIn[],
  alsoConversations: readonly string[] = [],
): Promise<Touched> {
  const { rows: callsBefore } = await client.query<CallPosition>(
    `SELECT id AS "callId", contact_phone AS phone, began_at AS "beganAt", direction, intent FROM voice_calls
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND contact_phone IS NOT NULL`,
    [tenantId, ids],
  );
  const { calls, conversations: ofCalls } = await clearCallers(client, tenantId, ids, standIns);
  const conversations = [...ofCalls, ...alsoConversations];
  await clearContacts(client, tenantId, conversations, standIns);
  const changed = new Set(calls);
  return { calls, callsBefore: callsBefore.filter(({ callId }) => changed.has(callId)), conversations };
}

async function stateAgain(client: Client, options: EraseOptions, touched: Touched): Promise<void> {
  const { tenant, pseudonymKey, now } = options;
  // No event is the cause: one id names this transaction.
  const cause = { eventId: uuidV7(now()), traceparent: null };
  await stateTouched(client, { tenant, pseudonymKey, cause }, touched);
}

/** Empties what the tools know of who uses them: they may have answered in a call of which no event came yet. */
async function clearToolCallers(
  client: Client,
  tenantId: string,
  { patientIds, standIns }: Pick<Person, 'patientIds' | 'standIns'>,
): Promise<void> {
  await client.query(
    `WITH gone AS (DELETE FROM voice_tool_callers WHERE tenant_id = $1 AND (patient_ids && $2::uuid[] OR phone = ANY ($3::text[]))
       RETURNING call_ref)
     UPDATE voice_tool_uses u SET ${emptyUse} FROM gone
     WHERE u.tenant_id = $1 AND u.call_ref = gone.call_ref AND ${useTells}`,
    [tenantId, patientIds, standIns.map(({ phone }) => phone)],
  );
}

async function erasePerson(client: Client, options: EraseOptions, person: Person): Promise<void> {
  const { tenantId } = options.tenant;
  const { patientIds } = person;
  const key = [tenantId, patientIds];
  await client.query(
    'DELETE FROM patient_identifiers WHERE tenant_id = $1 AND patient_id = ANY ($2::uuid[])',
    key,
  );
  await clearToolCallers(client, tenantId, person);
  // The clinic system's own number of a patient is one of those that tell who it is.
  await client.query(
    `DELETE FROM record_states WHERE tenant_id = $1 AND kind = 'patient' AND entity_id = ANY ($2::uuid[])`,
    key,
  );
  await client.query(
    `UPDATE patients SET first_name = NULL, last_name = NULL, date_of_birth = NULL, language = NULL, deceased = NULL,
       source = NULL, external_id = NULL, origin_call_id = NULL, name_call_id = NULL, active = false,
       erased_at = coalesce(erased_at, now())
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`,
    key,
  );
  const { by, now, patientId } = options;
  await writeAudit(client, {
    tenantId,
    actorKind: by.kind,
    actorId: by.id,
    action: 'patient.erase',
    entityKind: 'patient',
    entityId: patientId,
    requestId: uuidV7(now()),
    details: { patients: patientIds },
  });
}
