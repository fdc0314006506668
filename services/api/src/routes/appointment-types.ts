import { uuidV7 } from '@switchboard/domain/ids';
import { plainName } from '@switchboard/domain/records/record-statements';
import { RequestProblem } from '@switchboard/platform/problem';
import type { Client } from '@switchboard/postgres';
import * as store from '@switchboard/postgres/api/appointment-types';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import * as schema from '../settings/appointment-types-schema.ts';
import { changeUnderLock, lookAtSettings } from '../settings/look-and-change.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

const most = 500;
const path = '/api/v1/settings/appointment-types';
const tags = ['settings'];

/** The kinds of visits that a clinic offers: how long each is, what is kept free around it, how early it is booked. */
export function appointmentTypeRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, writePool, allow, checkOrigin, now } = options;
  const changing = { onRequest: [checkOrigin, allow('settings')] };
  const params = z.object({ id: z.uuid() });
  const answers = { ...bodyProblemAnswers, ...conflictAnswer };

  app.get(
    path,
    {
      onRequest: allow('booking'),
      schema: {
        tags,
        summary: 'Kinds of visits',
        description:
          'Those that can be booked first. A clinic that has none of these offers visits of half an hour.',
        response: { 200: schema.appointmentTypes, ...problemAnswers },
      },
    },
    async (request) => {
      return lookAtSettings(pool, request, async (client, tenantId) => {
        const rows = await store.listAppointmentTypes(client, tenantId);
        return { appointment_types: rows.map(schema.presentAppointmentType) };
      });
    },
  );

  app.post(
    path,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Add a kind of visit',
        description: 'Slots and bookings follow at once. A name belongs to one kind: 409 `name_taken`.',
        body: schema.appointmentTypeBody,
        response: { 201: schema.appointmentType, ...answers },
      },
    },
    async (request, reply) => {
      const id = uuidV7(now());
      const type = await change(request, 'add_appointment_type', id, async (client, tenantId, types) => {
        if (types.length >= most)
          throw new RequestProblem(409, 'too_many_types', `A clinic has ${most} kinds of visits at most.`);
        checkName(types, request.body.name);
        await store.addAppointmentType(client, tenantId, id, request.body);
      });
      return reply.code(201).send(type);
    },
  );

  app.put(
    `${path}/:id`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Replace what is decided about a kind of visit',
        description:
          'Visits that are booked stay as they are. One that the clinic’s system tells keeps what is set here, its name, too.',
        params,
        body: schema.appointmentTypeBody,
        response: { 200: schema.appointmentType, ...answers },
      },
    },
    async (request) => {
      const { id } = request.params;
      return change(request, 'change_appointment_type', id, async (client, tenantId, types) => {
        const { name } = found(types, id);
        if (request.body.name !== name)
          checkName(
            types.filter((type) => type.id !== id),
            request.body.name,
          );
        await store.changeAppointmentType(client, tenantId, id, request.body);
      });
    },
  );

  app.delete(
    `${path}/:id`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Retire a kind of visit',
        description: 'It can be booked no more; visits of it stay, and can be moved. `PUT` brings it back.',
        params,
        response: { 200: schema.appointmentType, ...bodyProblemAnswers },
      },
    },
    async (request) => {
      const { id } = request.params;
      return change(request, 'retire_appointment_type', id, async (client, tenantId) =>
        store.retireAppointmentType(client, tenantId, id),
      );
    },
  );

  /** Under the clinic's lock, so that a booking sees a kind as it was or as it will be, and names stay apart. */
  async function change(
    request: FastifyRequest,
    action: string,
    id: string,
    work: (client: Client, tenantId: string, types: store.AppointmentTypeRow[]) => Promise<void>,
  ) {
    const audited = { action, entityKind: 'appointment_type', entityId: id };
    return changeUnderLock(writePool, request, audited, async (client, tenantId) => {
      await work(client, tenantId, await store.listAppointmentTypes(client, tenantId));
      return schema.presentAppointmentType(found(await store.listAppointmentTypes(client, tenantId), id));
    });
  }
}

/** @throws RequestProblem 404 */
function found(types: readonly store.AppointmentTypeRow[], id: string): store.AppointmentTypeRow {
  const type = types.find((one) => one.id === id);
  if (!type) throw new RequestProblem(404, 'not_found', 'The clinic has no kind of visit with this id.');
  return type;
}

/** The clinic's system may have two of one name, and retire one. @throws RequestProblem 409 */
function checkName(others: readonly store.AppointmentTypeRow[], name: string): void {
  const other = others.find(
    (one) => plainName(one.name) === plainName(name) && (one.active || one.external_id === null),
  );
  if (!other) return;
  const fix = other.active ? 'another name' : `another name; or bring back the retired one, ${other.id}`;
  throw new RequestProblem(409, 'name_taken', 'The clinic has a kind of visit of this name.', {
    errors: [{ location: 'body.name', message: 'is in use', fix }],
  });
}
