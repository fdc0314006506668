import { RequestProblem } from '@switchboard/platform/problem';
import { withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { readPatient } from '@switchboard/postgres/api/patient-detail';
import { listPatients } from '@switchboard/postgres/api/patient-list';
import { readTimeline, timelineKinds } from '@switchboard/postgres/api/patient-timeline';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { may } from '../auth/caller.ts';
import { filterNames } from '../paging/parameters.ts';
import {
  type PatientQuery,
  patientQuery,
  patientSearch,
  timelineQuery,
  toPatientFilter,
} from '../patients/patient-query.ts';
import { patientDetail, patientList } from '../patients/patient-schema.ts';
import { presentPatient, presentPatientListItem } from '../patients/present-patient.ts';
import { auditedBy, callerOf } from '../plugins/authenticate.ts';
import { bodyProblemAnswers, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { tenantOf } from './tenant-of.ts';

const found = {
  tags: ['records'],
  description:
    'Each look is written to the audit log. Roles without PHI are refused: the answer is nothing else.',
};

/** Patients: found as the front desk looks for them, and one with all that happened. */
export function patientRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin } = options;

  app.get(
    '/api/v1/patients',
    {
      onRequest: allow('records'),
      schema: {
        ...found,
        summary: 'Patients by a part of the name, a phone in any writing, a birth date',
        querystring: patientQuery,
        response: { 200: patientList, ...problemAnswers },
      },
    },
    async (request) => search(request, request.query),
  );

  app.post(
    '/api/v1/patients/search',
    {
      onRequest: [checkOrigin, allow('records')],
      schema: {
        ...found,
        summary: 'The same with what is looked for in the body, which no log of addresses has',
        body: patientSearch,
        response: { 200: patientList, ...bodyProblemAnswers },
      },
    },
    async (request) => search(request, request.body),
  );

  app.get(
    '/api/v1/patients/:id',
    {
      onRequest: allow('records'),
      schema: {
        tags: ['records'],
        summary: 'A patient with calls, conversations, appointments and journeys, latest first',
        description: 'A patient that was merged names the one that stands for it, and has an empty timeline.',
        params: z.object({ id: z.uuid() }),
        querystring: timelineQuery,
        response: { 200: patientDetail, ...problemAnswers },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { kind: kinds = timelineKinds, limit, cursor } = request.query;
      return withTenant(pool, caller.tenantId, async (client) => {
        const patient = await readPatient(client, caller.tenantId, request.params.id);
        if (!patient) throw new RequestProblem(404, 'not_found', 'There is no patient with this id.');
        const timeline = await readTimeline(client, caller.tenantId, patient.id, {
          kinds,
          limit: limit + 1,
          after: cursor,
        });
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'patient.view',
          entityKind: 'patient',
          entityId: patient.id,
        });
        return presentPatient(patient, timeline, limit, { seesPhi: may(caller, 'phi') });
      });
    },
  );

  async function search(request: FastifyRequest, query: PatientQuery) {
    const caller = callerOf(request);
    if (!may(caller, 'phi'))
      throw new RequestProblem(403, 'not_allowed', 'Your role may not look for patients.');
    const { limit, offset } = query;
    return withTenant(pool, caller.tenantId, async (client) => {
      const { country } = await tenantOf(client, caller.tenantId);
      const filter = toPatientFilter(query, country);
      const { rows, total } = await listPatients(client, caller.tenantId, filter, { limit, offset });
      await writeAudit(client, {
        ...auditedBy(request),
        action: Object.keys(filter).length === 0 ? 'patient.list' : 'patient.search',
        details: { filters: filterNames(query), rows: rows.length },
      });
      return { patients: rows.map(presentPatientListItem), pagination: { limit, offset, total } };
    });
  }
}
