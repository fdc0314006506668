import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { RecordStand } from './record-stand.ts';

/** Notes what the voice agent changed of an appointment, which is as it is now. @param change `at`: Unix ms */
export async function noteHistory(
  stand: RecordStand,
  tenant: TenantSettings,
  { id, version, change, at }: { id: string; version: number; change: string; at: number },
): Promise<void> {
  await stand.rows(
    `INSERT INTO appointment_history (tenant_id, appointment_id, version, change, occurred_at, actor_kind, status, starts_at, ends_at)
     SELECT $1, id, $3, $4, $5, 'voice_agent', status, starts_at, ends_at FROM appointments WHERE tenant_id = $1 AND id = $2`,
    tenant,
    id,
    version,
    change,
    new Date(at),
  );
}
