import { RequestProblem } from '@switchboard/platform/problem';
import { withTenant } from '@switchboard/postgres';
import { listAppointments } from '@switchboard/postgres/api/appointment-list';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { readTimeZone } from '@switchboard/postgres/api/tenant-calendar';
import { readWrittenUntil } from '@switchboard/postgres/api/written-until';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { appointmentQuery, toAppointmentListOptions } from '../appointments/appointment-query.ts';
import { appointmentList, presentAppointment } from '../appointments/appointment-schema.ts';
import { may } from '../auth/caller.ts';
import { toCursor } from '../paging/cursor.ts';
import { filterNames } from '../paging/parameters.ts';
import { auditedBy, callerOf } from '../plugins/authenticate.ts';
import { problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

/** Appointments as staff list them, and as the clinic's own system follows what was booked here. */
export function appointmentRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow } = options;

  app.get(
    '/api/v1/appointments',
    {
      onRequest: allow('appointments'),
      schema: {
        tags: ['records'],
        summary: 'Appointments by start; with `updated_since`, what changed since',
        description:
          'Each look is written to the audit log. To follow changes: ask with `updated_since`, go on with `next_cursor` until it is null, then ask with `next_since`. A key needs the scope `appointments:read`.',
        querystring: appointmentQuery,
        response: { 200: appointmentList, ...problemAnswers },
      },
    },
    async (request) => {
      const { query } = request;
      const caller = callerOf(request);
      const seesPhi = may(caller, 'phi');
      if (query.code !== undefined && !seesPhi)
        throw new RequestProblem(403, 'not_allowed', 'Your role may not look for confirmation codes.');
      const isFollowing = query.updated_since !== undefined;
      // Before the page is read, and of the first page alone: what is written while pages are read is for the next time.
      const until = isFollowing
        ? (query.cursor?.until ?? (await readWrittenUntil(pool, caller.tenantId)))
        : undefined;
      return withTenant(pool, caller.tenantId, async (client) => {
        const options = toAppointmentListOptions(query, await readTimeZone(client, caller.tenantId));
        const rows = await listAppointments(client, caller.tenantId, options);
        const page = rows.slice(0, query.limit);
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'appointment.list',
          details: { filters: filterNames(query), rows: page.length },
        });
        const last = rows.length > query.limit ? page.at(-1) : undefined;
        return {
          appointments: page.map((row) => presentAppointment(row, { seesPhi })),
          next_cursor: last
            ? toCursor({ at: isFollowing ? last.updated_place : last.starts_place, id: last.id, until })
            : null,
          next_since: last ? null : (until ?? null),
        };
      });
    },
  );
}
