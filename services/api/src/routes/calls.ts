import { RequestProblem } from '@switchboard/platform/problem';
import { type Pool, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { readCall } from '@switchboard/postgres/api/call-detail';
import { listCalls } from '@switchboard/postgres/api/call-list';
import { readTimeZone } from '@switchboard/postgres/api/tenant-calendar';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { may } from '../auth/caller.ts';
import { callQuery, toCallListOptions } from '../calls/call-query.ts';
import { callDetail, callList } from '../calls/call-schema.ts';
import { presentDetail, presentListItem } from '../calls/present-call.ts';
import { filterNames } from '../paging/parameters.ts';
import { type Allow, auditedBy, callerOf } from '../plugins/authenticate.ts';
import { problemAnswers } from './problem-schema.ts';

export interface CallRoutesOptions {
  pool: Pool;
  allow: Allow;
}

export function callRoutes(instance: FastifyInstance, { pool, allow }: CallRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/calls',
    {
      onRequest: allow('calls'),
      schema: {
        tags: ['records'],
        summary: 'Calls, newest first',
        description: 'Each look is written to the audit log.',
        querystring: callQuery,
        response: { 200: callList, ...problemAnswers },
      },
    },
    async (request) => {
      const { query } = request;
      const caller = callerOf(request);
      const reader = { seesPhi: may(caller, 'phi') };
      // What was said holds names and numbers: finding by them would tell them.
      if (query.q !== undefined && !reader.seesPhi)
        throw new RequestProblem(403, 'not_allowed', 'Your role may not search in what patients said.');
      return withTenant(pool, caller.tenantId, async (client) => {
        const options = toCallListOptions(query, await readTimeZone(client, caller.tenantId));
        const { rows, total, searchedNewest } = await listCalls(client, caller.tenantId, options);
        await writeAudit(client, {
          ...auditedBy(request),
          action: query.q === undefined ? 'call.list' : 'call.search',
          details: { filters: filterNames(query), rows: rows.length },
        });
        const { limit, offset } = options;
        return {
          calls: rows.map((row) => presentListItem(row, reader)),
          pagination: {
            limit,
            offset,
            total,
            ...(searchedNewest !== undefined && { searched_newest: searchedNewest }),
          },
        };
      });
    },
  );

  app.get(
    '/api/v1/calls/:id',
    {
      onRequest: allow('calls'),
      schema: {
        tags: ['records'],
        summary: 'A call with its transcript, extraction and links',
        params: z.object({ id: z.uuid() }),
        querystring: z.strictObject({}),
        response: { 200: callDetail, ...problemAnswers },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      return withTenant(pool, caller.tenantId, async (client) => {
        const detail = await readCall(client, caller.tenantId, request.params.id);
        if (!detail) throw new RequestProblem(404, 'not_found', 'There is no call with this id.');
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'call.view',
          entityKind: 'voice_call',
          entityId: detail.call.id,
        });
        return presentDetail(detail, { seesPhi: may(caller, 'phi') });
      });
    },
  );
}
