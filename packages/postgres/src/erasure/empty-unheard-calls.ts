import { lockTenant, type Pool, type Queryable, withTenant } from '../pool.ts';
import { toolSources } from '../voice-tools/calls.ts';
import { emptyUse, useTells } from './clear-calls.ts';

/** Rows of each table in one transaction: the tenant's lock is held for tens of milliseconds. */
const perTransaction = 500;

/**
 * Empties the next of what the tools keep of calls of which no event came, by when the tools were used: who called, as long
 * ago as the clinic keeps callers, and what was answered, as long ago as it keeps them or what was said.
 * @returns whether there may be more
 */
export function emptyUnheardCalls(pool: Pool, tenantId: string): Promise<boolean> {
  return withTenant(pool, tenantId, async (client) => {
    const callers = await findCallers(client, tenantId);
    const uses = await findUses(client, tenantId);
    if (callers.length + uses.length === 0) return false;
    await lockTenant(client, tenantId);
    await client.query(
      `DELETE FROM voice_tool_callers t USING unnest($2::text[], $3::text[]) AS o (call_ref, phone)
       WHERE t.tenant_id = $1 AND t.call_ref = o.call_ref AND t.phone = o.phone`,
      [tenantId, callers.map(({ callRef }) => callRef), callers.map(({ phone }) => phone)],
    );
    await client.query(
      `UPDATE voice_tool_uses u SET ${emptyUse} WHERE u.tenant_id = $1 AND u.id = ANY ($2::uuid[])`,
      [tenantId, uses],
    );
    return callers.length === perTransaction || uses.length === perTransaction;
  });
}

/** Since when a clinic keeps what it keeps for the shortest of these times; null: it keeps it for good. */
const keptSince = (...kinds: string[]) =>
  `(SELECT now() - make_interval(days => least(${kinds.map((kind) => `(t.retention_days ->> '${kind}')::int`).join(', ')}))
    FROM tenants t WHERE t.id = $1)`;

const unheard = (callRef: string) =>
  `NOT EXISTS (SELECT FROM voice_calls v WHERE v.tenant_id = $1 AND v.source = ANY ($2::text[]) AND v.external_id = ${callRef})`;

async function findCallers(
  client: Queryable,
  tenantId: string,
): Promise<{ callRef: string; phone: string }[]> {
  const { rows } = await client.query<{ callRef: string; phone: string }>(
    `SELECT c.call_ref AS "callRef", c.phone FROM voice_tool_callers c
     WHERE c.tenant_id = $1 AND c.created_at < ${keptSince('calls')} AND ${unheard('c.call_ref')}
     ORDER BY c.created_at LIMIT $3`,
    [tenantId, toolSources, perTransaction],
  );
  return rows;
}

async function findUses(client: Queryable, tenantId: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT u.id FROM voice_tool_uses u
     WHERE u.tenant_id = $1 AND u.created_at < ${keptSince('transcripts', 'calls')} AND u.answer IS NOT NULL
       AND ${useTells} AND ${unheard('u.call_ref')}
     ORDER BY u.created_at LIMIT $3`,
    [tenantId, toolSources, perTransaction],
  );
  return rows.map(({ id }) => id);
}
