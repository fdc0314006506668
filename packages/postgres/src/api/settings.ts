import { SwitchboardError } from '@switchboard/platform';
import type { Client, Queryable } from '../pool.ts';

/** What a clinic decides about itself; names are those of the columns of `tenants`. */
export interface ClinicSettings {
  name: string;
  time_zone: string;
  first_weekday: number;
  locale: string;
  webhook_modes: string[];
  match_link_threshold: number;
  match_review_threshold: number;
  /** Kind of record to days; a kind that is not there is kept. */
  retention_days: Record<string, number>;
  /** ISO weekday to spans of wall time; a weekday that is not there is closed; {}: always open. */
  business_hours: Record<string, [string, string][]>;
  first_response_target_minutes: number;
  reopen_conversation_days: number;
  /** Hosts that recordings and media may be fetched from, with `*.` all below one. */
  recording_hosts: string[];
  /** The clinic's own account with Twilio; its token is a webhook secret of kind twilio. */
  twilio_account_sid: string | null;
}

export interface WebhookSecretRow {
  id: string;
  kind: string;
  /** End of the overlap; null: in force. */
  not_after: Date | null;
  created_at: Date;
}

export interface StoredSettings extends ClinicSettings {
  slug: string;
  country: string;
  settings_version: number;
  updated_at: Date;
}

const columns = [
  'name',
  'time_zone',
  'first_weekday',
  'locale',
  'webhook_modes',
  'match_link_threshold',
  'match_review_threshold',
  'retention_days',
  'business_hours',
  'first_response_target_minutes',
  'reopen_conversation_days',
  'recording_hosts',
  'twilio_account_sid',
] as const satisfies (keyof ClinicSettings)[];

const jsonColumns: readonly string[] = ['retention_days', 'business_hours'];

/** The open transaction's tenant's settings. @param forChange locks them against a change beside this one */
export async function readSettings(
  db: Queryable,
  tenantId: string,
  forChange = false,
): Promise<StoredSettings | undefined> {
  const { rows } = await db.query<StoredSettings>(
    `SELECT ${columns.join(', ')}, slug, country, settings_version, updated_at FROM tenants WHERE id = $1${forChange ? ' FOR NO KEY UPDATE' : ''}`,
    [tenantId],
  );
  return rows[0];
}

/** Writes what is given, and raises the version. */
export async function writeSettings(
  client: Client,
  tenantId: string,
  change: Partial<ClinicSettings>,
): Promise<void> {
  const values: unknown[] = [tenantId];
  const sets = columns.flatMap((column) => {
    const value = change[column];
    if (value === undefined) return [];
    return [`${column} = $${values.push(jsonColumns.includes(column) ? JSON.stringify(value) : value)}`];
  });
  await client.query(
    `UPDATE tenants SET ${[...sets, 'settings_version = settings_version + 1'].join(', ')} WHERE id = $1`,
    values,
  );
}

/** What is known of the tenant's webhook secrets but the secrets, newest first. */
export async function listWebhookSecrets(db: Queryable, tenantId: string): Promise<WebhookSecretRow[]> {
  const { rows } = await db.query<WebhookSecretRow>(
    `SELECT id, kind, not_after, created_at FROM tenant_webhook_secrets WHERE tenant_id = $1 ORDER BY created_at DESC, id`,
    [tenantId],
  );
  return rows;
}

/** Ingest tries each of a clinic's secrets on each webhook. */
const mostSecretsOfKind = 4;

/**
 * Stores a secret, sealed; those of its kind that were in force work for some hours more, and those whose time is over go.
 * @throws SwitchboardError `too_many_secrets`
 */
export async function replaceWebhookSecret(
  client: Client,
  tenantId: string,
  secret: { id: string; kind: string; sealed: Buffer; overlapHours: number },
): Promise<void> {
  const { id, kind, sealed, overlapHours } = secret;
  await client.query(
    `UPDATE tenant_webhook_secrets SET not_after = least(not_after, now() + make_interval(hours => $3))
     WHERE tenant_id = $1 AND kind = $2`,
    [tenantId, kind, overlapHours],
  );
  await client.query(
    'DELETE FROM tenant_webhook_secrets WHERE tenant_id = $1 AND kind = $2 AND not_after <= now()',
    [tenantId, kind],
  );
  const kept = await listWebhookSecrets(client, tenantId);
  if (kept.filter((one) => one.kind === kind).length >= mostSecretsOfKind)
    throw new SwitchboardError('too_many_secrets', 'too many secrets of this kind are still in force');
  await client.query(
    'INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed) VALUES ($1, $2, $3, $4)',
    [tenantId, id, kind, sealed],
  );
}

/** Removes all of the tenant's secrets of a kind at once. */
export async function deleteWebhookSecretsOfKind(
  db: Queryable,
  tenantId: string,
  kind: string,
): Promise<void> {
  await db.query('DELETE FROM tenant_webhook_secrets WHERE tenant_id = $1 AND kind = $2', [tenantId, kind]);
}

/** Removes a secret at once. @returns whether there was one */
export async function deleteWebhookSecret(db: Queryable, tenantId: string, id: string): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM tenant_webhook_secrets WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    id,
  ]);
  return rowCount === 1;
}
