import { SwitchboardError } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { mergePatients, unmergePatients } from '@switchboard/postgres/people/merge-patients';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { mergeAnswer } from '../patients/patient-schema.ts';
import { auditedBy, userOf } from '../plugins/authenticate.ts';
import { bodyProblemAnswers, conflictAnswer } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { tenantOf } from './tenant-of.ts';

const other = z.strictObject({ patient_id: z.uuid().describe('The one that is, or was, absorbed.') });

const ways = [
  {
    way: 'merge',
    work: mergePatients,
    summary: 'Say that another patient is this one',
    description:
      'Its records are this patient’s from now on; names and identifiers stay with it, and it can be taken back.',
  },
  {
    way: 'unmerge',
    work: unmergePatients,
    summary: 'Take a merge back',
    description:
      'Its records, and those that came for it since, are its own again. Later merges stand. All numbers follow.',
  },
] as const;

/** Merges of patients, and their undoing. */
export function patientMergeRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin, pseudonymKey, now } = options;
  for (const { way, work, summary, description } of ways)
    app.post(
      `/api/v1/patients/:id/${way}`,
      {
        onRequest: [checkOrigin, allow('people')],
        schema: {
          tags: ['records'],
          summary,
          description,
          params: z.object({ id: z.uuid() }),
          body: other,
          response: { 200: mergeAnswer, ...bodyProblemAnswers, ...conflictAnswer },
        },
      },
      async (request) => {
        const user = userOf(request);
        const [survivorId, absorbedId] = [request.params.id, request.body.patient_id];
        return withTenant(pool, user.tenantId, async (client) => {
          const tenant = await tenantOf(client, user.tenantId);
          const by = { userId: user.id };
          const { patientId, changed } = await work(client, {
            tenant,
            pseudonymKey,
            survivorId,
            absorbedId,
            by,
            now: now(),
          }).catch((error: unknown) => {
            throw asProblem(error);
          });
          await writeAudit(client, {
            ...auditedBy(request),
            action: `patient.${way}`,
            entityKind: 'patient',
            entityId: survivorId,
            details: { patient_id: absorbedId, changed },
          });
          return { patient_id: patientId, changed };
        });
      },
    );
}

/** What is wrong with a choice of patients, as an answer; other errors as they are. */
export function asProblem(error: unknown): unknown {
  if (!(error instanceof SwitchboardError)) return error;
  switch (error.code) {
    case 'patient_unknown':
      return new RequestProblem(404, 'not_found', 'There is no patient with this id.');
    case 'patient_same':
      return new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', {
        errors: [
          { location: 'body.patient_id', message: 'is the same patient', fix: 'the id of another patient' },
        ],
      });
    case 'patient_already_merged':
      return new RequestProblem(
        409,
        error.code,
        'That patient was merged into another one. Take that back first.',
      );
    case 'patient_not_merged':
      return new RequestProblem(409, error.code, 'That patient is not merged into this one.');
    default:
      return error;
  }
}
