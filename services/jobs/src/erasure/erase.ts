import { userInfo } from 'node:os';
import { SwitchboardError } from '@switchboard/platform';
import type { Pool } from '@switchboard/postgres';
import { auditHeads } from '@switchboard/postgres/audit/seals';
import { erasePatient } from '@switchboard/postgres/erasure/erase-patient';
import { loadTenantSettings } from '@switchboard/postgres/tenants';

/**
 * Erases a patient of the clinic with a slug, as whoever runs this.
 * @returns how many records were emptied, by kind
 * @throws SwitchboardError `tenant_unknown`, `patient_unknown`
 */
export async function eraseBySlug(
  pool: Pool,
  options: { slug: string; patientId: string; pseudonymKey: Buffer; now(): number },
): Promise<Readonly<Record<string, number>>> {
  const { slug, ...rest } = options;
  const known = (await auditHeads(pool)).find((clinic) => clinic.slug === slug);
  const tenant = known && (await loadTenantSettings(pool, [known.tenantId])).get(known.tenantId);
  if (!tenant) throw new SwitchboardError('tenant_unknown', `there is no clinic ${slug}`);
  return erasePatient(pool, { tenant, by: { kind: 'system', id: userInfo().username }, ...rest });
}
