import type { Queryable } from '../pool.ts';

export interface TenantOfShard {
  tenantId: string;
  shard: number;
  /** IANA zone. */
  timeZone: string;
}

/** Every tenant; each is then read under its own row security. */
export async function listTenants(db: Queryable): Promise<TenantOfShard[]> {
  const { rows } = await db.query<{ tenant_id: string; shard: number; time_zone: string }>(
    'SELECT tenant_id, shard, time_zone FROM all_tenants()',
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, shard: row.shard, timeZone: row.time_zone }));
}

/** Makes the open transaction see one tenant's rows. */
export async function seeTenant(db: Queryable, tenantId: string): Promise<void> {
  await db.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
}

export interface FactPage {
  rows: number;
  /** JSON lines of the fact table's columns, all at +1 and block 0. */
  lines: string;
}

const pageRows = 10_000;

/**
 * What is stated now of one tenant's entities of a kind, page by page, in the open transaction (one snapshot, whose
 * tenant is set by {@link seeTenant}).
 */
export async function* readFactPages(
  db: Queryable,
  tenantId: string,
  kind: string,
): AsyncGenerator<FactPage, void> {
  let after = { entity: '00000000-0000-0000-0000-000000000000', basis: '' };
  for (;;) {
    const { rows } = await db.query<{ n: number; lines: string; entity: string; basis: string }>(pageSql, [
      tenantId,
      kind,
      after.entity,
      after.basis,
      pageRows,
    ]);
    const [page] = rows;
    if (!page || page.n === 0) return;
    if (page.lines) yield { rows: page.n, lines: page.lines };
    if (page.n < pageRows) return;
    after = { entity: page.entity, basis: page.basis };
  }
}

const pageSql = `
WITH page AS (
  SELECT entity_id, basis, statement FROM fact_current
  WHERE tenant_id = $1 AND kind = $2 AND (entity_id, basis) > ($3::uuid, $4)
  ORDER BY entity_id, basis LIMIT $5
)
SELECT count(*)::int AS n,
  coalesce(string_agg((statement || jsonb_build_object('tenant_id', $1::uuid, 'entity_id', entity_id, 'basis', basis,
    'sign', 1, 'block', 0, 'event_id', '00000000-0000-0000-0000-000000000000'))::text, E'\\n' ORDER BY entity_id, basis)
    FILTER (WHERE statement IS NOT NULL), '') AS lines,
  (array_agg(entity_id ORDER BY entity_id, basis))[count(*)]::text AS entity,
  (array_agg(basis ORDER BY entity_id, basis))[count(*)] AS basis
FROM page`;
