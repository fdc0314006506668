import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, lockTenant, together, withTenant } from '@switchboard/postgres';
import { listAppointments } from '@switchboard/postgres/api/appointment-list';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { bookAppointment, bookHold } from '@switchboard/postgres/scheduling/book';
import { changeState, loadVisit, moveAppointment } from '@switchboard/postgres/scheduling/change';
import type { ChangeContext, StoredVisit } from '@switchboard/postgres/scheduling/change-context';
import { loadMovedVisit } from '@switchboard/postgres/scheduling/visit-types';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { appointment, presentAppointment } from '../appointments/appointment-schema.ts';
import { bookedFor, notFound, orProblem, slotAt, unusable, visitType } from '../appointments/change-parts.ts';
import {
  bookBody,
  cancelBody,
  holdBody,
  moveBody,
  readVersion,
  versionHeader,
} from '../appointments/change-schema.ts';
import { may } from '../auth/caller.ts';
import { auditedBy, callerOf } from '../plugins/authenticate.ts';
import { whileAsked } from '../plugins/while-asked.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { tenantOf } from './tenant-of.ts';

const states = [
  ['confirm', 'confirmed', 'The patient will come'],
  ['check-in', 'checked_in', 'The patient is there'],
  ['complete', 'completed', 'The visit is over'],
  ['no-show', 'no_show', 'The patient did not come; a quarter of an hour after the start at the earliest'],
  ['reinstate', 'scheduled', 'The patient was not missing after all'],
] as const;

/** Appointments as the front desk makes and changes them, by the same functions as the voice agent's tools. */
export function appointmentChangeRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { writePool: pool, allow, checkOrigin, pseudonymKey, now } = options;
  const params = z.object({ id: z.uuid() });
  const onRequest = [checkOrigin, allow('booking')];
  const tags = ['records'];
  const response = { 200: appointment, ...bodyProblemAnswers, ...conflictAnswer };
  const schema = { tags, params, headers: versionHeader, response };

  app.get(
    '/api/v1/appointments/:id',
    {
      onRequest: allow('appointments'),
      schema: { tags, summary: 'An appointment', params, response: { 200: appointment, ...problemAnswers } },
    },
    async (request) =>
      withTenant(pool, callerOf(request).tenantId, async (client) => {
        const shown = await show(client, request, request.params.id);
        await audit(client, request, 'view', request.params.id);
        return shown;
      }),
  );

  app.post(
    '/api/v1/appointments',
    {
      onRequest,
      schema: { tags, summary: 'Book an appointment, or hold its time', body: bookBody, response },
    },
    async (request) =>
      change(request, 'book', async (client, context) => {
        const { body } = request;
        const visit = await visitType(client, context, body.appointment_type_id);
        const slot = await slotAt(client, context, body.practitioner_id, body.start, visit);
        const booked = await bookAppointment(client, context, {
          slot,
          visit,
          ...(await bookedFor(client, context, body.patient_id)),
          channel: 'desk',
          reason: body.reason,
          holdUntil: body.hold_minutes === undefined ? undefined : context.now + body.hold_minutes * 60_000,
        });
        return orProblem(booked).id;
      }),
  );

  app.post(
    '/api/v1/appointments/:id/book',
    { onRequest, schema: { ...schema, summary: 'Make an appointment of a hold', body: holdBody } },
    async (request) =>
      changeOne(request, 'book', async (client, context, { id }) => {
        const who = await bookedFor(client, context, request.body.patient_id);
        orProblem(await bookHold(client, context, id, who));
      }),
  );

  app.post(
    '/api/v1/appointments/:id/reschedule',
    { onRequest, schema: { ...schema, summary: 'Move an appointment', body: moveBody } },
    async (request) =>
      changeOne(request, 'reschedule', async (client, context, stored) => {
        const { start, practitioner_id: wanted } = request.body;
        const practitionerId = wanted ?? stored.practitionerId;
        if (practitionerId === null) throw unusable('body.practitioner_id', 'is not known of this one');
        const visit = await loadMovedVisit(client, context.tenant.tenantId, stored);
        const slot = await slotAt(client, context, practitionerId, start, visit, stored.id);
        orProblem(await moveAppointment(client, context, stored, slot, visit));
      }),
  );

  app.post(
    '/api/v1/appointments/:id/cancel',
    {
      onRequest,
      schema: {
        ...schema,
        summary: 'Cancel an appointment, or let a hold go',
        description: 'A hold that is let go is gone: the answer shows it once more, as `cancelled`.',
        body: cancelBody,
      },
    },
    async (request) =>
      changeOne(request, 'cancel', async (client, context, stored) => {
        const { by, reason = null } = request.body;
        orProblem(await changeState(client, context, stored, { to: 'cancelled', by, reason }));
      }),
  );

  for (const [way, to, summary] of states)
    app.post(
      `/api/v1/appointments/:id/${way}`,
      { onRequest, schema: { ...schema, summary } },
      async (request) =>
        changeOne(request, way, async (client, context, stored) => {
          orProblem(await changeState(client, context, stored, { to }));
        }),
    );

  /** Changes one appointment, as it was shown where the caller says so. */
  function changeOne(
    request: FastifyRequest,
    way: string,
    work: (client: Client, context: ChangeContext, stored: StoredVisit) => Promise<void>,
  ) {
    const { id } = params.parse(request.params);
    const version = readVersion(versionHeader.parse(request.headers)['if-match']);
    return change(request, way, async (client, context) => {
      const stored = await loadVisit(client, context.tenant.tenantId, { id });
      if (!stored) throw notFound();
      if (version !== undefined && version !== stored.version)
        throw new RequestProblem(409, 'version_conflict', 'It was changed since it was shown.');
      const isLetGo = way === 'cancel' && stored.status === 'held';
      const last = isLetGo ? await show(client, request, id) : undefined;
      await work(client, context, stored);
      return last ? { ...last, status: 'cancelled' } : id;
    });
  }

  /**
   * Does it under the tenant's lock, with its trace.
   * @param work answers the id, or how one that is gone is shown
   * @returns the appointment as it is then
   */
  function change(
    request: FastifyRequest,
    way: string,
    work: (client: Client, context: ChangeContext) => Promise<string | Shown>,
  ) {
    const { tenantId, kind, id: actorId } = callerOf(request);
    return whileAsked(request, pool, tenantId, async (client) => {
      await lockTenant(client, tenantId);
      const tenant = await tenantOf(client, tenantId);
      const done = await work(client, { tenant, pseudonymKey, now: now(), actor: { kind, id: actorId } });
      const isGone = typeof done !== 'string';
      const id = isGone ? done.id : done;
      const [, shown] = await together(
        audit(client, request, way, id),
        isGone ? Promise.resolve(done) : show(client, request, id),
      );
      return shown;
    });
  }
}

type Shown = z.infer<typeof appointment>;

async function show(client: Client, request: FastifyRequest, id: string): Promise<Shown> {
  const caller = callerOf(request);
  const [row] = await listAppointments(client, caller.tenantId, { filter: { id }, limit: 1 });
  if (!row) throw notFound();
  return presentAppointment(row, { seesPhi: may(caller, 'phi') });
}

function audit(client: Client, request: FastifyRequest, way: string, entityId: string): Promise<void> {
  return writeAudit(client, {
    ...auditedBy(request),
    action: `appointment.${way}`,
    entityKind: 'appointment',
    entityId,
  });
}
