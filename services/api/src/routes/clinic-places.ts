import { minutesOf } from '@switchboard/domain/business-hours';
import { RequestProblem } from '@switchboard/platform/problem';
import * as store from '@switchboard/postgres/api/clinic-places';
import { countOutsideHours, countWithoutRoom } from '@switchboard/postgres/scheduling/outside-hours';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { checkLocations } from '../settings/check-locations.ts';
import * as answers from '../settings/hours-answers.ts';
import * as schema from '../settings/hours-schema.ts';
import { changeUnderLock, lookAtSettings } from '../settings/look-and-change.ts';
import { bodyProblemAnswers, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

const [locationsPath, holidaysPath] = ['/api/v1/settings/locations', '/api/v1/settings/holidays'];
const tags = ['settings'];

/** How many rooms locations have, and when the clinic or one of them is closed. */
export function clinicPlaceRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, writePool, allow, checkOrigin, now } = options;
  const changing = { onRequest: [checkOrigin, allow('settings')] };

  app.get(
    locationsPath,
    {
      onRequest: allow('booking'),
      schema: {
        tags,
        summary: 'Locations and how many rooms they have',
        response: { 200: answers.locations, ...problemAnswers },
      },
    },
    async (request) =>
      lookAtSettings(pool, request, async (client, tenantId) => ({
        locations: await store.listLocations(client, tenantId),
      })),
  );

  app.put(
    `${locationsPath}/:id/rooms`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Say how many visits a location has room for at one time',
        description:
          'A time at which so many visits are there is not free for another, whoever it is with. A visit that was told without a location is at the clinic’s only one. Those that stand are not touched.',
        params: schema.record,
        body: schema.roomsBody,
        response: { 200: answers.changedRooms, ...bodyProblemAnswers },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { rooms } = request.body;
      const audited = { action: 'set_rooms', entityKind: 'location', entityId: id, details: { rooms } };
      return changeUnderLock(writePool, request, audited, async (client, tenantId) => {
        await store.setRooms(client, tenantId, id, rooms);
        const location = (await store.listLocations(client, tenantId)).find((one) => one.id === id);
        if (!location) throw new RequestProblem(404, 'not_found', 'The clinic has no location with this id.');
        return {
          ...location,
          appointments_affected: await countWithoutRoom(client, tenantId, id, now()),
        };
      });
    },
  );

  app.get(
    holidaysPath,
    {
      onRequest: allow('settings'),
      schema: {
        tags,
        summary: 'Dates on which the clinic or a location is closed',
        querystring: schema.holidaysQuery,
        response: { 200: answers.holidays, ...problemAnswers },
      },
    },
    async (request) => {
      const { from, to = from } = request.query;
      return lookAtSettings(pool, request, async (client, tenantId) => {
        const rows = await store.listClosures(client, tenantId, from, to);
        const byDate = Map.groupBy(rows, ({ date }) => date);
        return { holidays: [...byDate].map(([date, closures]) => ({ date, closures })) };
      });
    },
  );

  app.put(
    `${holidaysPath}/:date`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Close the clinic or locations on a date, or for a part of it',
        description:
          'It takes the place of all that was closed on the date. Visits that stand there are not touched: `appointments_affected` counts them.',
        params: schema.holidayDate,
        body: schema.holidayBody,
        response: { 200: answers.changedHoliday, ...bodyProblemAnswers },
      },
    },
    async (request) => {
      const { date } = request.params;
      const { closures } = request.body;
      const named = closures.map((one, at) => ({
        location: `body.closures.${at}.location_id`,
        id: one.location_id,
      }));
      const audited = { action: 'set_holiday', details: { date } };
      return changeUnderLock(writePool, request, audited, async (client, tenantId) => {
        await checkLocations(client, tenantId, named);
        await store.replaceClosures(client, tenantId, date, closures, now());
        const asked = {
          practitionerId: null,
          dates: { from: date, to: date },
          closed: closures.map((one) => ({
            starts: minutesOf(one.starts),
            ends: minutesOf(one.ends),
            locationId: one.location_id,
          })),
          now: now(),
        };
        return {
          date,
          closures: await store.listClosures(client, tenantId, date, date),
          appointments_affected: await countOutsideHours(client, tenantId, asked),
        };
      });
    },
  );

  app.delete(
    `${holidaysPath}/:date`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Open again on a date',
        params: schema.holidayDate,
        response: { 204: z.null(), ...bodyProblemAnswers },
      },
    },
    async (request, reply) => {
      const { date } = request.params;
      const audited = { action: 'remove_holiday', details: { date } };
      await changeUnderLock(writePool, request, audited, async (client, tenantId) => {
        if (!(await store.replaceClosures(client, tenantId, date, [], now())))
          throw new RequestProblem(404, 'not_found', 'Nothing is closed on this date.');
      });
      return reply.code(204).send(null);
    },
  );
}
