import { userInfo } from 'node:os';
import { SwitchboardError } from '@switchboard/platform';
import { type Pool, withTenant } from '@switchboard/postgres';
import { auditHeads } from '@switchboard/postgres/audit/seals';
import { type EraseOptions, erasePatient } from '@switchboard/postgres/erasure/erase-patient';
import { countUnsearched } from '@switchboard/postgres/pipeline/find-dead-letters';
import { loadTenantSettings } from '@switchboard/postgres/tenants';

/**
 * Erases a patient of the clinic with a slug, as whoever runs this.
 * @returns how many records were emptied, by kind, and how many of the clinic's dead letters may be of the patient: nobody searched them
 * @throws SwitchboardError `tenant_unknown`, `patient_unknown`
 */
export async function eraseBySlug(
  pool: Pool,
  options: { slug: string } & Omit<EraseOptions, 'tenant' | 'by'>,
): Promise<{ erased: Readonly<Record<string, number>>; unsearchedLetters: number }> {
  const { slug, ...rest } = options;
  const known = (await auditHeads(pool)).find((clinic) => clinic.slug === slug);
  const tenant = known && (await loadTenantSettings(pool, [known.tenantId])).get(known.tenantId);
  if (!tenant) throw new SwitchboardError('tenant_unknown', `there is no clinic ${slug}`);
  const erased = await erasePatient(pool, {
    tenant,
    by: { kind: 'system', id: userInfo().username },
    ...rest,
  });
  const { tenantId } = tenant;
  return {
    erased,
    unsearchedLetters: await withTenant(pool, tenantId, (client) => countUnsearched(client, tenantId)),
  };
}
