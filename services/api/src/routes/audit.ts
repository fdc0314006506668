import { withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { listAudit } from '@switchboard/postgres/api/audit-list';
import { readTimeZone } from '@switchboard/postgres/api/tenant-calendar';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { auditList, auditQuery, presentAuditEntry, toAuditListOptions } from '../audit/audit-schema.ts';
import { toCursor } from '../paging/cursor.ts';
import { filterNames } from '../paging/parameters.ts';
import { auditedBy, userOf } from '../plugins/authenticate.ts';
import { problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

/** Who looked at or changed what, for the clinic's owners and managers. */
export function auditRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow } = options;

  app.get(
    '/api/v1/audit',
    {
      onRequest: allow('audit'),
      schema: {
        tags: ['settings'],
        summary: 'Who looked at or changed what, newest first',
        description: 'Looking at it is written to it, too.',
        querystring: auditQuery,
        response: { 200: auditList, ...problemAnswers },
      },
    },
    async (request) => {
      const { tenantId } = userOf(request);
      const { query } = request;
      return withTenant(pool, tenantId, async (client) => {
        const options = toAuditListOptions(query, await readTimeZone(client, tenantId));
        const rows = await listAudit(client, tenantId, options);
        const page = rows.slice(0, query.limit);
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'audit.view',
          details: { filters: filterNames(query), rows: page.length },
        });
        const last = rows.length > query.limit ? page.at(-1) : undefined;
        return {
          entries: page.map(presentAuditEntry),
          next_cursor: last ? toCursor({ at: last.place, id: last.id }) : null,
        };
      });
    },
  );
}
