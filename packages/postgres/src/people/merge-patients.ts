import { uuidV7 } from '@switchboard/domain/ids';
import { SwitchboardError } from '@switchboard/platform';
import { stateTouched, type Touched } from '../facts/state-touched.ts';
import { type Client, lockTenant } from '../pool.ts';
import type { TenantSettings } from '../tenants.ts';
import { moveRecords } from './merged-records.ts';
import { closeMerge, type Family, loadFamily, openMerge, writeFamily } from './patient-family.ts';
import { reopenRequests } from './reopen-requests.ts';
import { returnNames } from './return-names.ts';
import { settleConversations } from './settle-conversations.ts';
import { settleTwins } from './settle-twins.ts';

export interface MergeOptions {
  tenant: TenantSettings;
  pseudonymKey: Buffer;
  survivorId: string;
  absorbedId: string;
  /** The user who says that both are one person, or the event of the clinic's system. */
  by: { userId: string } | MergingEvent;
  /** Unix ms. */
  now: number;
}

/** An event of the clinic's system that says that two patients are one, or from which it follows. */
export interface MergingEvent {
  eventId: string;
  traceparent?: string | null;
  /** The survivor was told to be merged itself since: that is not turned round. */
  isOlder?: boolean;
}

/** What a merge did, before its facts are stated. */
export interface Joined extends MergeResult {
  touched: Touched;
}

export interface MergeResult {
  /** False: it was so before, and nothing was done. */
  changed: boolean;
  /** The patient that now stands for both (merge), or for the survivor (unmerge). */
  patientId: string;
}

/**
 * Makes one patient of two: records of the absorbed one, and of all that were merged into it, are the survivor's from now
 * on, and remember whose they were; names and identifiers stay where they are. The facts of all of it are stated anew in
 * the same transaction, under the tenant's lock. Merging into a patient that was merged itself means the one at the end
 * of the chain. Saying it again changes nothing; saying it the other way round makes the other one the survivor, unless
 * the event that says so is the older one. An event that names another survivor than an event did before moves the patient there; what a person said, no event changes.
 * @throws SwitchboardError `patient_unknown`, `patient_same`, or, of what a user says, `patient_already_merged`: into
 * somebody else
 */
export async function mergePatients(client: Client, options: MergeOptions): Promise<MergeResult> {
  return stateJoined(client, options, await joinPatients(client, options));
}

/** As {@link mergePatients}, but leaves it to the caller to state what it touched, once with all that the transaction changes. */
export async function joinPatients(client: Client, options: MergeOptions): Promise<Joined> {
  const { tenant, survivorId, absorbedId, by } = options;
  if (survivorId === absorbedId)
    throw new SwitchboardError('patient_same', 'a patient can’t be merged into itself');
  await lockTenant(client, tenant.tenantId);
  const before = await loadFamily(client, tenant.tenantId, [survivorId, absorbedId]);
  for (const id of [survivorId, absorbedId]) before.require(id);
  const end = before.rootOf(survivorId);
  const isOne = before.rootOf(absorbedId) === end;
  if (isOne && absorbedId !== end) return unchanged(end);
  // Two whom a person told apart are no longer one for the clinic's system, whoever else of either it names.
  const sides = isOne ? [[survivorId], [absorbedId]] : [before.allOf(survivorId), before.allOf(absorbedId)];
  if ('eventId' in by && (await wereParted(client, tenant.tenantId, sides)))
    return unchanged(before.rootOf(absorbedId));
  if (isOne && 'eventId' in by && by.isOlder) return unchanged(end);
  // The other way round, the survivor leaves the chain that ends at the absorbed one, which then follows it.
  const leaving = isOne ? survivorId : absorbedId;
  if (before.survivorOf(leaving) !== undefined) {
    if (!isOne && 'userId' in by)
      throw new SwitchboardError('patient_already_merged', 'the patient was merged into another one before');
    // The clinic's system may change what it said itself, not what a person did.
    if ('eventId' in by && before.isMergedByPerson(leaving)) return unchanged(before.rootOf(absorbedId));
    await closeMerge(client, tenant.tenantId, leaving, userOf(options));
  }
  const mergeId = uuidV7(options.now);
  const [mergedBy, eventId] = 'userId' in by ? [by.userId, null] : [null, by.eventId];
  await openMerge(client, tenant.tenantId, { id: mergeId, survivorId, absorbedId, mergedBy, eventId });
  return rearrange(client, options, before, mergeId);
}

/**
 * Takes a merge back: the absorbed patient stands for itself again and for those merged into it, with the records that
 * were theirs and those that came for them since. Later merges stand.
 * @throws SwitchboardError `patient_unknown`, `patient_not_merged`: not into this one
 */
export async function unmergePatients(client: Client, options: MergeOptions): Promise<MergeResult> {
  return stateJoined(client, options, await partPatients(client, options));
}

/** As {@link unmergePatients}, but leaves it to the caller to state what it touched. */
export async function partPatients(client: Client, options: MergeOptions): Promise<Joined> {
  const { tenant, survivorId, absorbedId } = options;
  await lockTenant(client, tenant.tenantId);
  const before = await loadFamily(client, tenant.tenantId, [survivorId, absorbedId]);
  for (const id of [survivorId, absorbedId]) before.require(id);
  const direct = before.survivorOf(absorbedId);
  if (direct === undefined || (direct !== survivorId && before.rootOf(absorbedId) !== survivorId))
    throw new SwitchboardError('patient_not_merged', 'the patient is not merged into this one');
  await closeMerge(client, tenant.tenantId, absorbedId, userOf(options));
  return rearrange(client, options, before, undefined);
}

/** Makes patients and records what the merges in force now say. */
async function rearrange(
  client: Client,
  options: MergeOptions,
  before: Family,
  mergeId: string | undefined,
): Promise<Joined> {
  const { tenantId } = options.tenant;
  const after = await loadFamily(client, tenantId, [...before.members]);
  const members = [...new Set([...before.members, ...after.members])];
  await writeFamily(client, tenantId, after, members);
  const moved = await moveRecords(client, tenantId, after, members, mergeId);
  await returnNames(client, tenantId, members);
  const settled = await settleConversations(client, tenantId, members);
  const conversations = [...(moved.conversations ?? []), ...settled];
  const twins = await settleTwins(client, tenantId, members);
  const reopened = await reopenRequests(client, tenantId, members);
  const appointments = [...(moved.appointments ?? []), ...twins, ...reopened.appointments];
  const calls = [...(moved.calls ?? []), ...reopened.calls];
  const touched: Touched = { patients: members, ...moved, calls, conversations, appointments };
  return { changed: true, patientId: after.rootOf(options.survivorId), touched };
}

async function stateJoined(client: Client, options: MergeOptions, joined: Joined): Promise<MergeResult> {
  const { tenant, pseudonymKey, by, now } = options;
  const { touched, ...result } = joined;
  if (!result.changed) return result;
  const cause =
    'eventId' in by
      ? { eventId: by.eventId, traceparent: by.traceparent ?? null }
      : // No event is the cause: one id names this transaction.
        { eventId: uuidV7(now), traceparent: null };
  await stateTouched(client, { tenant, pseudonymKey, cause }, touched);
  return result;
}

const unchanged = (patientId: string): Joined => ({ changed: false, patientId, touched: {} });

function userOf({ by }: MergeOptions): string | null {
  return 'userId' in by ? by.userId : null;
}

/** Whether a person took back a merge of one of the first with one of the second. */
async function wereParted(
  client: Client,
  tenantId: string,
  sides: readonly (readonly string[])[],
): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM patient_merges WHERE tenant_id = $1 AND unmerged_by IS NOT NULL
       AND ((survivor_id = ANY ($2::uuid[]) AND absorbed_id = ANY ($3::uuid[]))
         OR (survivor_id = ANY ($3::uuid[]) AND absorbed_id = ANY ($2::uuid[]))) LIMIT 1`,
    [tenantId, ...sides],
  );
  return (rowCount ?? 0) > 0;
}
