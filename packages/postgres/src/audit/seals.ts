import type { Queryable } from '../pool.ts';

export interface SealedBlock {
  tenantId: string;
  number: number;
  rows: number;
}

/** A clinic, and its newest block if anything is sealed. */
export interface AuditHead {
  tenantId: string;
  slug: string;
  number: number | null;
  /** SHA-256, hexadecimal. */
  hash: string | null;
}

/**
 * Seals the rows of the audit log that have no seal yet, up to `most` of each clinic, one block per clinic. While another
 * session does so, nothing is done.
 */
export async function sealAudit(db: Queryable, most: number): Promise<SealedBlock[]> {
  const { rows } = await db.query<{ tenant_id: string; number: number; row_count: number }>(
    'SELECT tenant_id, number, row_count FROM seal_audit($1)',
    [most],
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, number: row.number, rows: row.row_count }));
}

/** Every clinic with its newest block, by name. */
export async function auditHeads(db: Queryable): Promise<AuditHead[]> {
  const { rows } = await db.query<AuditHead>(
    'SELECT tenant_id AS "tenantId", slug, number, hash FROM audit_heads() ORDER BY slug',
  );
  return rows;
}
