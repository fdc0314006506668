import { RequestProblem } from '@switchboard/platform/problem';
import type { Client } from '@switchboard/postgres';
import * as store from '@switchboard/postgres/api/clinic-hours';
import { countOutsideHours } from '@switchboard/postgres/scheduling/outside-hours';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { checkLocations } from '../settings/check-locations.ts';
import * as answers from '../settings/hours-answers.ts';
import * as schema from '../settings/hours-schema.ts';
import { changeUnderLock, lookAtSettings } from '../settings/look-and-change.ts';
import { bodyProblemAnswers, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

const path = '/api/v1/settings/practitioners';
const tags = ['settings'];

/** When practitioners work: every week, and on dates that differ. */
export function clinicHoursRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, writePool, allow, checkOrigin, now } = options;
  const changing = { onRequest: [checkOrigin, allow('settings')] };

  app.get(
    path,
    {
      onRequest: allow('booking'),
      schema: {
        tags,
        summary: 'Practitioners and their weekly hours',
        response: { 200: answers.practitioners, ...problemAnswers },
      },
    },
    async (request) =>
      lookAtSettings(pool, request, async (client, tenantId) => {
        const rules = Map.groupBy(
          await store.listWeeklyRules(client, tenantId),
          ({ practitioner_id }) => practitioner_id,
        );
        const rows = await store.listPractitioners(client, tenantId);
        return {
          practitioners: rows.map(({ display_name: name, ...row }) => ({
            ...row,
            name,
            hours: rules.get(row.id) ?? [],
          })),
        };
      }),
  );

  app.put(
    `${path}/:id/hours`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Replace a practitioner’s weekly hours',
        description:
          'Those that the clinic’s system told (`told`) stay beside them. Visits that stand outside are not touched: `appointments_affected` counts them.',
        params: schema.record,
        body: schema.hoursBody,
        response: { 200: answers.changedHours, ...bodyProblemAnswers },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { hours } = request.body;
      const named = hours.map((one, at) => ({
        location: `body.hours.${at}.location_id`,
        id: one.location_id,
      }));
      return changeUnderLock(writePool, request, audited('set_hours', id), async (client, tenantId) => {
        await checkPractitioner(client, tenantId, id);
        await checkLocations(client, tenantId, named);
        await store.replaceWeeklyRules(client, tenantId, id, hours, now());
        return {
          hours: await store.listWeeklyRules(client, tenantId, id),
          appointments_affected: await countOutsideHours(client, tenantId, {
            practitionerId: id,
            now: now(),
          }),
        };
      });
    },
  );

  app.get(
    `${path}/:id/exceptions`,
    {
      onRequest: allow('settings'),
      schema: {
        tags,
        summary: 'Dates on which a practitioner’s hours differ',
        params: schema.record,
        querystring: schema.exceptionsQuery,
        response: { 200: answers.exceptions, ...problemAnswers },
      },
    },
    async (request) =>
      lookAtSettings(pool, request, async (client, tenantId) => {
        await checkPractitioner(client, tenantId, request.params.id);
        return { exceptions: await listed(client, tenantId, request.params.id, request.query) };
      }),
  );

  app.put(
    `${path}/:id/exceptions`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Set how a practitioner’s hours differ on these dates',
        description:
          'It takes the place of all that was put in here for them; what the clinic’s system told (`told`) stays. Visits that stand outside the hours are not touched: `appointments_affected` counts those of these dates.',
        params: schema.record,
        body: schema.exceptionsBody,
        response: { 200: answers.changedExceptions, ...bodyProblemAnswers },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { closed, open } = request.body;
      const named = Object.entries({ closed, open }).flatMap(([list, times]) =>
        times.map((one, at) => ({ location: `body.${list}.${at}.location_id`, id: one.location_id })),
      );
      return setExceptions(request, id, 'set_exceptions', request.body, exceptionsOf(request.body), named);
    },
  );

  app.delete(
    `${path}/:id/exceptions`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Bring back a practitioner’s weekly hours on these dates',
        description: 'What the clinic’s system told of them (`told`) stays.',
        params: schema.record,
        querystring: schema.exceptionsQuery,
        response: { 200: answers.changedExceptions, ...bodyProblemAnswers },
      },
    },
    async (request) => setExceptions(request, request.params.id, 'remove_exceptions', request.query, [], []),
  );

  function setExceptions(
    request: FastifyRequest,
    id: string,
    action: string,
    { from, to = from }: Dates,
    exceptions: readonly store.DateException[],
    named: Parameters<typeof checkLocations>[2],
  ) {
    return changeUnderLock(writePool, request, audited(action, id), async (client, tenantId) => {
      await checkPractitioner(client, tenantId, id);
      await checkLocations(client, tenantId, named);
      await store.replaceExceptions(client, tenantId, id, { from, to, exceptions }, now());
      const asked = { practitionerId: id, dates: { from, to }, now: now() };
      return {
        exceptions: await listed(client, tenantId, id, { from, to }),
        appointments_affected: await countOutsideHours(client, tenantId, asked),
      };
    });
  }
}

type Dates = z.infer<typeof schema.exceptionsQuery>;

function exceptionsOf(body: z.infer<typeof schema.exceptionsBody>): store.DateException[] {
  const kind = body.instead_of_weekly ? 'instead' : 'open';
  return schema
    .datesOf(body)
    .flatMap((date) => [
      ...body.closed.map((one) => ({ date, kind: 'closed' as const, ...one })),
      ...body.open.map((one) => ({ date, kind, ...one }) as const),
    ]);
}

function listed(client: Client, tenantId: string, id: string, { from, to = from }: Dates) {
  return store.listExceptions(client, tenantId, id, from, to);
}

function audited(action: string, entityId: string) {
  return { action, entityKind: 'practitioner', entityId };
}

/** @throws RequestProblem 404 */
async function checkPractitioner(client: Client, tenantId: string, id: string): Promise<void> {
  const practitioners = await store.listPractitioners(client, tenantId);
  if (!practitioners.some((one) => one.id === id))
    throw new RequestProblem(404, 'not_found', 'The clinic has no practitioner with this id.');
}
