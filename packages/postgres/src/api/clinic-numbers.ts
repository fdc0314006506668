import type { Client, Queryable } from '../pool.ts';

/** What a clinic may have numbers for. */
export const numberChannels = ['voice', 'whatsapp', 'sms'] as const;
export type NumberChannel = (typeof numberChannels)[number];

/** Which of a clinic's numbers is meant. */
export interface NumberName {
  channel: NumberChannel;
  /** E.164 */
  number: string;
}

export interface ClinicNumberRow extends NumberName {
  /** What the clinic calls it. */
  label: string | null;
  /** When it was last chosen to be written from. */
  chosen_at: Date | null;
  created_at: Date;
}

/** In this order of a channel's numbers the first is written from. */
export const sendingOrder = 'chosen_at DESC NULLS LAST, created_at, number';

/** The clinic's numbers, of each channel the one first that is written from. */
export async function listNumbers(db: Queryable, tenantId: string): Promise<ClinicNumberRow[]> {
  const { rows } = await db.query<ClinicNumberRow>(
    `SELECT channel, number, label, chosen_at, created_at FROM tenant_numbers WHERE tenant_id = $1
     ORDER BY channel, ${sendingOrder}`,
    [tenantId],
  );
  return rows;
}

/** @returns whether it is the clinic's now; not so if it is there already, with this clinic or another */
export async function addNumber(
  client: Client,
  tenantId: string,
  { channel, number }: NumberName,
  { label, chosen_at, created_at }: Omit<ClinicNumberRow, keyof NumberName>,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO tenant_numbers (tenant_id, channel, number, label, chosen_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [tenantId, channel, number, label, chosen_at, created_at],
  );
  return rowCount === 1;
}

/** Changes what the clinic calls a number, and whether it is written from. */
export async function changeNumber(
  client: Client,
  tenantId: string,
  { channel, number }: NumberName,
  { label, chosen_at }: Pick<ClinicNumberRow, 'label' | 'chosen_at'>,
): Promise<void> {
  await client.query(
    'UPDATE tenant_numbers SET label = $4, chosen_at = $5 WHERE tenant_id = $1 AND channel = $2 AND number = $3',
    [tenantId, channel, number, label, chosen_at],
  );
}

/** @returns whether there was one */
export async function removeNumber(
  client: Client,
  tenantId: string,
  { channel, number }: NumberName,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'DELETE FROM tenant_numbers WHERE tenant_id = $1 AND channel = $2 AND number = $3',
    [tenantId, channel, number],
  );
  return rowCount === 1;
}
