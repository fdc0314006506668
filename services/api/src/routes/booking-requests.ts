import { SwitchboardError } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { lockTenant, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import {
  listRequests,
  type RequestStep,
  readRequest,
  stepRequest,
} from '@switchboard/postgres/scheduling/booking-requests';
import { loadVisit } from '@switchboard/postgres/scheduling/change';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '../appointments/change-parts.ts';
import {
  bookingRequest,
  fulfilBody,
  presentRequest,
  proposeBody,
  requestList,
  requestQuery,
} from '../appointments/request-schema.ts';
import { may } from '../auth/caller.ts';
import { toCursor } from '../paging/cursor.ts';
import { auditedBy, callerOf, userOf } from '../plugins/authenticate.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

/** What patients asked for and nobody could book at once: people take it, offer a time, and close it. */
export function bookingRequestRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin } = options;
  const tags = ['records'];
  const params = z.object({ id: z.uuid() });
  const onRequest = [checkOrigin, allow('booking')];
  const schema = {
    tags,
    params,
    response: { 200: bookingRequest, ...bodyProblemAnswers, ...conflictAnswer },
  };

  app.get(
    '/api/v1/booking-requests',
    {
      onRequest: allow('appointments'),
      schema: {
        tags,
        summary: 'What was asked for and not booked, oldest first',
        querystring: requestQuery,
        response: { 200: requestList, ...problemAnswers },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { state, limit, cursor: after } = request.query;
      return withTenant(pool, caller.tenantId, async (client) => {
        const rows = await listRequests(client, caller.tenantId, { state, limit: limit + 1, after });
        const page = rows.slice(0, limit);
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'booking_request.list',
          details: { state, rows: page.length },
        });
        const last = page.at(-1);
        return {
          requests: page.map((row) => presentRequest(row, { seesPhi: may(caller, 'phi') })),
          next_cursor: rows.length > limit && last ? toCursor({ at: last.place, id: last.id }) : null,
        };
      });
    },
  );

  app.post(
    '/api/v1/booking-requests/:id/take',
    { onRequest, schema: { ...schema, summary: 'Look after it' } },
    async (request) => step(request, request.params.id, { kind: 'take' }),
  );
  app.post(
    '/api/v1/booking-requests/:id/propose',
    { onRequest, schema: { ...schema, summary: 'Offer a time for it', body: proposeBody } },
    async (request) =>
      step(request, request.params.id, { kind: 'propose', appointmentId: request.body.appointment_id }),
  );
  app.post(
    '/api/v1/booking-requests/:id/fulfil',
    { onRequest, schema: { ...schema, summary: 'It was done', body: fulfilBody } },
    async (request) =>
      step(request, request.params.id, {
        kind: 'fulfil',
        appointmentId: request.body.appointment_id ?? null,
      }),
  );
  app.post(
    '/api/v1/booking-requests/:id/decline',
    { onRequest, schema: { ...schema, summary: 'It will not be done' } },
    async (request) => step(request, request.params.id, { kind: 'decline' }),
  );

  async function step(request: FastifyRequest, id: string, wanted: RequestStep) {
    const user = userOf(request);
    const { tenantId } = user;
    return withTenant(pool, tenantId, async (client) => {
      // Who settles calls locks requests before appointments.
      await lockTenant(client, tenantId);
      if ('appointmentId' in wanted && wanted.appointmentId !== null) {
        const appointment = await loadVisit(client, tenantId, { id: wanted.appointmentId });
        if (!appointment) throw notFound();
      }
      await stepRequest(client, tenantId, id, wanted, user.id).catch((error: unknown) => {
        throw asProblem(error);
      });
      await writeAudit(client, {
        ...auditedBy(request),
        action: `booking_request.${wanted.kind}`,
        entityKind: 'booking_request',
        entityId: id,
      });
      const row = await readRequest(client, tenantId, id);
      if (!row) throw new RequestProblem(404, 'not_found', 'There is no request with this id.');
      return presentRequest(row, { seesPhi: may(user, 'phi') });
    });
  }
}

function asProblem(error: unknown): unknown {
  if (!(error instanceof SwitchboardError)) return error;
  switch (error.code) {
    case 'request_unknown':
      return new RequestProblem(404, 'not_found', 'There is no request with this id.');
    case 'request_closed':
      return new RequestProblem(409, error.code, 'This request is closed.');
    case 'request_taken':
      return new RequestProblem(409, error.code, 'Somebody else looks after this request.');
    default:
      return error;
  }
}
