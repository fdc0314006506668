import { SwitchboardError } from '@switchboard/platform';
import { type Pool, withTenant } from '@switchboard/postgres';
import { type AuditFilter, listAuditRows } from '@switchboard/postgres/audit/list-rows';
import { auditHeads } from '@switchboard/postgres/audit/seals';
import { z } from 'zod';

export interface ListOptions {
  tenant?: string;
  from?: string;
  to?: string;
  actor?: string;
  action?: string;
  entity?: string;
  limit: string;
  json: boolean;
}

const time = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).pipe(z.coerce.date());
const filter = z.object({
  from: time.optional(),
  to: time.optional(),
  entity: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(100_000),
});

/**
 * Prints the newest rows of a clinic's audit log that match, oldest of them first.
 * @throws SwitchboardError `usage`, `tenant_unknown`
 */
export async function listAudit(
  pool: Pool,
  options: ListOptions,
  print: (line: string) => void,
): Promise<void> {
  const { tenant, actor, action, json } = options;
  const parsed = filter.safeParse(options);
  if (!parsed.success)
    throw new SwitchboardError(
      'usage',
      '--from and --to take a date or a time with offset, --entity an id, --limit 1 to 100000',
    );
  const { from, to, entity, limit } = parsed.data;
  const clinic = (await auditHeads(pool)).find(({ slug }) => slug === tenant);
  if (!clinic) throw new SwitchboardError('tenant_unknown', '--tenant takes the slug of a clinic');
  const wanted: AuditFilter = { from, to, actorId: actor, action, entityId: entity };
  const rows = await withTenant(pool, clinic.tenantId, (client) =>
    listAuditRows(client, clinic.tenantId, wanted, limit),
  );
  for (const row of rows.toReversed()) {
    if (json) print(JSON.stringify(row));
    else {
      const entityName = row.entity_id === null ? '' : `${row.entity_kind} ${row.entity_id}`;
      const parts = [row.id, row.at.toISOString(), row.actor_kind, row.actor_id, row.action, entityName];
      print([...parts, JSON.stringify(row.details)].join('\t'));
    }
  }
}
