import { localDateAt } from '@switchboard/domain/periods/zone';
import { appointmentStates } from '@switchboard/domain/records/appointment-states';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, withTenant } from '@switchboard/postgres';
import { type AppointmentListRow, listAppointments } from '@switchboard/postgres/api/appointment-list';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { checkTime, findFreeSlots } from '@switchboard/postgres/scheduling/find-slots';
import { loadVisitTypes } from '@switchboard/postgres/scheduling/visit-types';
import { loadDirectory } from '@switchboard/postgres/voice-tools/directory';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { FhirResource } from 'fhir/r4.js';
import { z } from 'zod';
import { toAppointmentListOptions } from '../appointments/appointment-query.ts';
import { toAppointment, toBundle, toSchedule, toSlot } from '../fhir/present.ts';
import { localDate } from '../paging/parameters.ts';
import { auditedBy, callerOf } from '../plugins/authenticate.ts';
import { readSlotId } from '../voice-tools/slot-id.ts';
import { problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { tenantOf } from './tenant-of.ts';

const most = 200;
const search = z.strictObject({
  date: localDate.optional().describe('A day of the clinic; today where none is named.'),
  practitioner: z.uuid().optional(),
});
const stateOf = z.enum(appointmentStates);
const resource = z.looseObject({ resourceType: z.string() }).describe('A resource of FHIR R4.');

/** Schedules, free slots and appointments as FHIR R4 has them; to read and search alone. */
export function fhirRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, now } = options;
  const onRequest = allow('appointments');
  const response = { 200: resource, ...problemAnswers };
  const schema = { tags: ['FHIR R4'], response };
  const params = z.object({ id: z.string().max(100) });

  app.get(
    '/fhir/r4/Schedule',
    { onRequest, schema: { ...schema, summary: 'Practitioners’ schedules', querystring: search } },
    async (request) =>
      read(request, 'Schedule', async (client, tenantId) => {
        const { practitioner } = request.query;
        const { practitioners } = await loadDirectory(client, tenantId);
        return toBundle(
          practitioners.filter(({ id }) => practitioner === undefined || id === practitioner).map(toSchedule),
        );
      }),
  );
  app.get(
    '/fhir/r4/Schedule/:id',
    { onRequest, schema: { ...schema, summary: 'A practitioner’s schedule', params } },
    async (request) =>
      read(request, 'Schedule', async (client, tenantId) => {
        const { practitioners } = await loadDirectory(client, tenantId);
        return toSchedule(orMissing(practitioners.find(({ id }) => id === request.params.id)));
      }),
  );

  app.get(
    '/fhir/r4/Slot',
    { onRequest, schema: { ...schema, summary: 'Free slots of a day', querystring: search } },
    async (request) =>
      read(request, 'Slot', async (client, tenantId) => {
        const { practitioner, date } = request.query;
        const { timeZone: zone } = await tenantOf(client, tenantId);
        const { practitioners } = await loadDirectory(client, tenantId);
        const [visit] = await loadVisitTypes(client, tenantId);
        const day = date ?? localDateAt(now(), zone);
        const practitionerIds = practitioners
          .map(({ id }) => id)
          .filter((id) => practitioner === undefined || id === practitioner);
        const free = await findFreeSlots(client, tenantId, {
          practitionerIds,
          from: day,
          to: day,
          visit,
          limit: most,
          now: now(),
          zone,
        });
        return toBundle(free.map((slot) => toSlot(slot, visit.id)));
      }),
  );
  app.get(
    '/fhir/r4/Slot/:id',
    { onRequest, schema: { ...schema, summary: 'A slot that is free', params } },
    async (request) =>
      read(request, 'Slot', async (client, tenantId) => {
        const named = orMissing(readSlotId(request.params.id));
        const { timeZone: zone } = await tenantOf(client, tenantId);
        const types = await loadVisitTypes(client, tenantId);
        const visit = orMissing(types.find(({ id }) => id === named.typeId));
        const slot = await checkTime(client, tenantId, { ...named, visit, now: now(), zone });
        return toSlot(orMissing(typeof slot === 'string' ? undefined : slot), visit.id);
      }),
  );

  app.get(
    '/fhir/r4/Appointment',
    { onRequest, schema: { ...schema, summary: 'Appointments of a day', querystring: search } },
    async (request) =>
      read(request, 'Appointment', async (client, tenantId) => {
        const { practitioner, date } = request.query;
        const { timeZone: zone } = await tenantOf(client, tenantId);
        const day = date ?? localDateAt(now(), zone);
        const query = { from: day, to: day, practitioner_id: practitioner, limit: most };
        const rows = await listAppointments(client, tenantId, toAppointmentListOptions(query, zone));
        return toBundle(rows.slice(0, most).map(present));
      }),
  );
  app.get(
    '/fhir/r4/Appointment/:id',
    { onRequest, schema: { ...schema, summary: 'An appointment', params: z.object({ id: z.uuid() }) } },
    async (request) =>
      read(request, 'Appointment', async (client, tenantId) => {
        const [row] = await listAppointments(client, tenantId, {
          filter: { id: request.params.id },
          limit: 1,
        });
        return present(orMissing(row));
      }),
  );

  function read(
    request: FastifyRequest,
    kind: string,
    work: (client: Client, tenantId: string) => Promise<FhirResource>,
  ): Promise<z.infer<typeof resource>> {
    const { tenantId } = callerOf(request);
    return withTenant(pool, tenantId, async (client) => {
      const found = await work(client, tenantId);
      await writeAudit(client, { ...auditedBy(request), action: `fhir.${kind.toLowerCase()}` });
      return { ...found };
    });
  }
}

function present(row: AppointmentListRow) {
  return toAppointment(row, stateOf.parse(row.status));
}

function orMissing<T>(found: T | undefined): T {
  if (found === undefined) throw new RequestProblem(404, 'not_found', 'There is nothing with this id.');
  return found;
}
