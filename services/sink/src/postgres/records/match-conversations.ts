import { uuidV7 } from '@switchboard/domain/ids';
import { decideMatch, matcherVersion, scoreCandidates } from '@switchboard/domain/matching';
import type { Client } from '@switchboard/postgres';
import { loadPatientsFor } from '@switchboard/postgres/people/patients';
import {
  loadPeoplesDecisions,
  type ToldMatch,
  writeToldMatches,
} from '@switchboard/postgres/people/told-matches';
import { linkConversations, loadUnnamed } from '@switchboard/postgres/records/messages';
import type { TenantSettings } from '@switchboard/postgres/tenants';

/**
 * Links conversations by message whose messages name no patient to whose number it is, where that is certain, and asks a
 * person where it is not; anew whenever a patient gets or loses the number. What a person decided stands.
 * @param leaving patients that are about to be removed: nothing is theirs
 * @returns conversations whose patient changed, and the patients
 */
export async function matchConversations(
  client: Client,
  { tenantId, matchThresholds: thresholds }: TenantSettings,
  phones: readonly string[],
  now: () => number,
  leaving: readonly string[] = [],
): Promise<{ conversations: string[]; patients: string[] }> {
  const unnamed = await loadUnnamed(client, tenantId, [...new Set(phones)]);
  if (unnamed.length === 0) return { conversations: [], patients: [] };
  const patients = await loadPatientsFor(client, tenantId, {
    phones: unnamed.map(({ phone }) => phone),
    ids: [],
    callIds: [],
  });
  const decided = await loadPeoplesDecisions(
    client,
    tenantId,
    'conversation',
    unnamed.map(({ id }) => id),
  );
  const known = patients
    .filter(({ id }) => !leaving.includes(id))
    .map(({ id, phones: all, first_name: first, last_name: last, date_of_birth: dob }) => ({
      id,
      phones: all,
      first,
      last,
      dob,
    }));
  const open = unnamed.filter(({ id }) => !decided.has(id));
  const matches = open.map(({ id, phone, name }): ToldMatch => {
    const owners = known.filter((one) => one.phones.includes(phone));
    const scored = scoreCandidates({ phone, name: null, dob: null }, owners);
    const decision = decideMatch(scored, { thresholds });
    // Anybody may call themselves anything: a name says who is proposed first, and decides nothing.
    const proposed = name === null ? scored : scoreCandidates({ phone, name, dob: null }, owners);
    return {
      id: uuidV7(now()),
      entityKind: 'conversation',
      entityId: id,
      linked:
        decision.kind === 'link'
          ? (scored.find((one) => one.patientId === decision.patientId) ?? null)
          : null,
      candidates: decision.kind === 'review' ? proposed.slice(0, decision.candidates.length) : [],
      modelVersion: matcherVersion,
    };
  });
  await writeToldMatches(client, tenantId, matches);
  const before = new Map(open.map(({ id, patientId }) => [id, patientId]));
  const turned = matches.filter(
    ({ entityId, linked }) => (before.get(entityId) ?? null) !== (linked?.patientId ?? null),
  );
  await linkConversations(
    client,
    tenantId,
    turned.map(({ entityId, linked }) => ({ id: entityId, patientId: linked?.patientId ?? null })),
  );
  return {
    conversations: turned.map(({ entityId }) => entityId),
    patients: turned.flatMap(({ entityId, linked }) =>
      [before.get(entityId), linked?.patientId].filter((id) => typeof id === 'string'),
    ),
  };
}
