import { localDateAt } from '@switchboard/domain/periods/zone';
import { appointmentStates } from '@switchboard/domain/records/appointment-states';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, withTenant } from '@switchboard/postgres';
import { type AppointmentListRow, listAppointments } from '@switchboard/postgres/api/appointment-list';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { checkTime, findFreeSlots } from '@switchboard/postgres/scheduling/find-slots';
import { loadVisitTypes } from '@switchboard/postgres/scheduling/visit-types';
import { loadDirectory } from '@switchboard/postgres/voice-tools/directory';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { FhirResource } from 'fhir/r4.js';
import { z } from 'zod';
import { fhirContentType } from '../fhir/operation-outcome.ts';
import { ofFhirId, toAppointment, toBundle, toSchedule, toSlot } from '../fhir/present.ts';
import { appointmentSearch, scheduleSearch, slotSearch, statesOf, stretchOf } from '../fhir/search.ts';
import { cursorParameter, instantInCursor, toCursor } from '../paging/cursor.ts';
import { auditedBy, callerOf } from '../plugins/authenticate.ts';
import { readSlotId } from '../voice-tools/slot-id.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { tenantOf } from './tenant-of.ts';

/** What a search found, and where its next page begins. */
interface Page {
  found: readonly FhirResource[];
  next?: unknown;
}

const stateOf = z.enum(appointmentStates);
const resource = z.looseObject({ resourceType: z.string() });
const answer = (description: string) => ({
  description,
  content: { [fhirContentType]: { schema: resource } },
});
const response = {
  200: answer('A resource of FHIR R4, or a Bundle of those found.'),
  ...Object.fromEntries(
    [400, 401, 403, 404, 422, 429, 503].map((status) => [status, answer('An OperationOutcome.')]),
  ),
};
const slotsAre =
  'Times for the usual kind of visit; of a practitioner whose hours are all for other kinds, for one of these. At most 92 days from the first that is asked for, up to two years ahead.';
const offset = cursorParameter(z.strictObject({ offset: z.int().min(1).max(100_000) }));
const place = cursorParameter(z.strictObject({ at: instantInCursor, id: z.uuid() }));

/** Schedules, free slots and appointments as FHIR R4 has them; to read and search alone. */
export function fhirRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, now } = options;
  const onRequest = allow('appointments');
  const schema = { tags: ['FHIR R4'], response };
  const params = z.object({ id: z.string().max(100) });

  app.get(
    '/fhir/r4/Schedule',
    {
      onRequest,
      schema: {
        ...schema,
        summary: 'Practitioners’ schedules',
        querystring: scheduleSearch.extend({ _page: offset }),
      },
    },
    async (request, reply) =>
      search(request, reply, 'Schedule', async (client, tenantId) => {
        const { practitioner, actor = practitioner, _count: count, _page: page } = request.query;
        const { practitioners } = await loadDirectory(client, tenantId);
        const wanted = practitioners.filter(({ id }) => actor === undefined || id === actor);
        return pageOf(wanted.map(toSchedule), page?.offset ?? 0, count);
      }),
  );
  app.get(
    '/fhir/r4/Schedule/:id',
    { onRequest, schema: { ...schema, summary: 'A practitioner’s schedule', params } },
    async (request, reply) =>
      read(request, reply, 'Schedule', async (client, tenantId) => {
        const { practitioners } = await loadDirectory(client, tenantId);
        return toSchedule(orMissing(practitioners.find(({ id }) => id === request.params.id)));
      }),
  );

  app.get(
    '/fhir/r4/Slot',
    {
      onRequest,
      schema: {
        ...schema,
        summary: 'Free slots',
        description: slotsAre,
        querystring: slotSearch.extend({ _page: offset }),
      },
    },
    async (request, reply) =>
      search(request, reply, 'Slot', async (client, tenantId) => {
        const {
          date,
          start = date,
          practitioner,
          schedule = practitioner,
          status,
          _count: count,
        } = request.query;
        if (status !== undefined && !status.split(',').includes('free')) return { found: [] };
        const begins = request.query._page?.offset ?? 0;
        const { timeZone: zone } = await tenantOf(client, tenantId);
        const { practitioners } = await loadDirectory(client, tenantId);
        const types = await loadVisitTypes(client, tenantId);
        const stretch = stretchOf(start, zone, now());
        const from = Math.max(stretch.from, now());
        // Slots are looked for two years ahead at most.
        const last = Math.min(stretch.to, now() + 730 * 86_400_000) - 1;
        if (last < from) return { found: [] };
        const free = await findFreeSlots(client, tenantId, {
          practitionerIds: practitioners
            .map(({ id }) => id)
            .filter((id) => schedule === undefined || id === schedule),
          from: localDateAt(from, zone),
          to: localDateAt(last, zone),
          visit: types[0],
          others: types,
          stretch,
          limit: begins + count + 1,
          now: now(),
          zone,
        });
        return pageOf(
          free.map((slot) => toSlot(slot, slot.visit.id)),
          begins,
          count,
        );
      }),
  );
  app.get(
    '/fhir/r4/Slot/:id',
    { onRequest, schema: { ...schema, summary: 'A slot that is free', params } },
    async (request, reply) =>
      read(request, reply, 'Slot', async (client, tenantId) => {
        const named = orMissing(readSlotId(ofFhirId(request.params.id)));
        const { timeZone: zone } = await tenantOf(client, tenantId);
        const types = await loadVisitTypes(client, tenantId);
        const visit = orMissing(types.find(({ id }) => id === named.typeId));
        const { practitioners } = await loadDirectory(client, tenantId);
        orMissing(practitioners.find(({ id }) => id === named.practitionerId));
        const slot = await checkTime(client, tenantId, { ...named, visit, now: now(), zone });
        return toSlot(orMissing(typeof slot === 'string' ? undefined : slot), visit.id);
      }),
  );

  app.get(
    '/fhir/r4/Appointment',
    {
      onRequest,
      schema: { ...schema, summary: 'Appointments', querystring: appointmentSearch.extend({ _page: place }) },
    },
    async (request, reply) =>
      search(request, reply, 'Appointment', async (client, tenantId) => {
        const { date, actor, practitioner = actor, location, patient, status, _count: count } = request.query;
        const { timeZone: zone } = await tenantOf(client, tenantId);
        // Whose appointments are asked for are told of all days.
        const { from, to } = stretchOf(date ?? (patient === undefined ? undefined : []), zone, now());
        const rows = await listAppointments(client, tenantId, {
          filter: {
            ...(Number.isFinite(from) && { from: new Date(from) }),
            ...(Number.isFinite(to) && { to: new Date(to) }),
            ...(status !== undefined && { status: statesOf(status) ?? [] }),
            ...(practitioner !== undefined && { practitionerId: practitioner }),
            ...(location !== undefined && { locationId: location }),
            ...(patient !== undefined && { patientId: patient }),
          },
          limit: count + 1,
          after: request.query._page,
        });
        const shown = rows.slice(0, count);
        const last = shown.at(-1);
        const next = rows.length > count && last ? { at: last.starts_place, id: last.id } : undefined;
        return { found: shown.map(present), next };
      }),
  );
  app.get(
    '/fhir/r4/Appointment/:id',
    { onRequest, schema: { ...schema, summary: 'An appointment', params: z.object({ id: z.uuid() }) } },
    async (request, reply) =>
      read(request, reply, 'Appointment', async (client, tenantId) => {
        const [row] = await listAppointments(client, tenantId, {
          filter: { id: request.params.id },
          limit: 1,
        });
        return present(orMissing(row));
      }),
  );

  function search(
    request: FastifyRequest,
    reply: FastifyReply,
    kind: string,
    work: (client: Client, tenantId: string) => Promise<Page>,
  ): Promise<z.infer<typeof resource>> {
    return read(request, reply, kind, async (client, tenantId) => {
      const { found, next } = await work(client, tenantId);
      const self = new URL(request.originalUrl, `${request.protocol}://${request.host}`);
      const further = new URL(self);
      if (next !== undefined) further.searchParams.set('_page', toCursor(next));
      const links = {
        base: `${self.origin}/fhir/r4`,
        self: self.href,
        next: next === undefined ? undefined : further.href,
      };
      return toBundle(found, links, !self.searchParams.has('_page'));
    });
  }

  function read(
    request: FastifyRequest,
    reply: FastifyReply,
    kind: string,
    work: (client: Client, tenantId: string) => Promise<FhirResource>,
  ): Promise<z.infer<typeof resource>> {
    const { tenantId } = callerOf(request);
    return withTenant(pool, tenantId, async (client) => {
      const found = await work(client, tenantId);
      await writeAudit(client, { ...auditedBy(request), action: `fhir.${kind.toLowerCase()}` });
      reply.type(fhirContentType);
      return { ...found };
    });
  }
}

function pageOf(all: readonly FhirResource[], begins: number, count: number): Page {
  const ends = begins + count;
  return { found: all.slice(begins, ends), ...(all.length > ends && { next: { offset: ends } }) };
}

function present(row: AppointmentListRow) {
  return toAppointment(row, stateOf.parse(row.status));
}

function orMissing<T>(found: T | undefined): T {
  if (found === undefined) throw new RequestProblem(404, 'not_found', 'There is nothing with this id.');
  return found;
}
