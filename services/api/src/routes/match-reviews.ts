import { SwitchboardError } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { listReviews, readReview } from '@switchboard/postgres/api/match-review-list';
import { decideReview, type ReviewDecision } from '@switchboard/postgres/people/decide-review';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { may } from '../auth/caller.ts';
import {
  linkBody,
  newBody,
  presentReview,
  review,
  reviewList,
  reviewQuery,
  toNewPatient,
} from '../match-reviews/review-schema.ts';
import { toCursor } from '../paging/cursor.ts';
import { auditedBy, callerOf, userOf } from '../plugins/authenticate.ts';
import { asProblem } from './patient-merges.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { tenantOf } from './tenant-of.ts';

/** Records whose patient is in doubt, and what people decide of them. */
export function matchReviewRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin, pseudonymKey, now } = options;
  const params = z.object({ id: z.uuid() });
  const deciding = { onRequest: [checkOrigin, allow('people')] };
  const decided = { 200: review, ...bodyProblemAnswers, ...conflictAnswer };
  const tags = ['records'];

  app.get(
    '/api/v1/match-reviews',
    {
      onRequest: allow('records'),
      schema: {
        tags,
        summary: 'Records whose patient is in doubt, oldest first, with who it may be',
        querystring: reviewQuery,
        response: { 200: reviewList, ...problemAnswers },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { state, entity_kind: entityKind, limit, cursor: after } = request.query;
      return withTenant(pool, caller.tenantId, async (client) => {
        const rows = await listReviews(client, caller.tenantId, {
          state,
          entityKind,
          limit: limit + 1,
          after,
        });
        const page = rows.slice(0, limit);
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'match_review.list',
          details: { state, rows: page.length },
        });
        const last = page.at(-1);
        return {
          reviews: page.map((row) => presentReview(row, { seesPhi: may(caller, 'phi') })),
          next_cursor: rows.length > limit && last ? toCursor({ at: last.place, id: last.id }) : null,
        };
      });
    },
  );

  app.post(
    '/api/v1/match-reviews/:id/link',
    {
      ...deciding,
      schema: { tags, summary: 'It is this patient', params, body: linkBody, response: decided },
    },
    async (request) =>
      decide(request, request.params.id, () => ({ kind: 'link', patientId: request.body.patient_id })),
  );
  app.post(
    '/api/v1/match-reviews/:id/new',
    {
      ...deciding,
      schema: { tags, summary: 'It is somebody new', params, body: newBody, response: decided },
    },
    async (request) =>
      decide(request, request.params.id, ({ country }) => {
        const patient = toNewPatient(request.body, country);
        if (patient) return { kind: 'new', patient };
        throw new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', {
          errors: [
            {
              location: 'body.phone',
              message: 'must be a phone number',
              fix: 'a number with its country code',
            },
          ],
        });
      }),
  );
  app.post(
    '/api/v1/match-reviews/:id/reject',
    {
      ...deciding,
      schema: {
        tags,
        summary: 'It is none of the candidates, and nobody new',
        params,
        response: decided,
      },
    },
    async (request) => decide(request, request.params.id, () => ({ kind: 'reject' })),
  );

  async function decide(
    request: FastifyRequest,
    reviewId: string,
    toDecision: (tenant: TenantSettings) => ReviewDecision,
  ) {
    const user = userOf(request);
    return withTenant(pool, user.tenantId, async (client) => {
      const tenant = await tenantOf(client, user.tenantId);
      const decision = toDecision(tenant);
      const { entityKind, entityId, patientId } = await decideReview(client, {
        tenant,
        pseudonymKey,
        reviewId,
        decision,
        userId: user.id,
        now: now(),
      }).catch((error: unknown) => {
        throw reviewProblem(error);
      });
      await writeAudit(client, {
        ...auditedBy(request),
        action: `match_review.${decision.kind}`,
        entityKind,
        entityId,
        details: { review_id: reviewId, patient_id: patientId },
      });
      return shown(client, request, reviewId);
    });
  }

  async function shown(client: Client, request: FastifyRequest, reviewId: string) {
    const caller = callerOf(request);
    const row = await readReview(client, caller.tenantId, reviewId);
    if (!row) throw new RequestProblem(404, 'not_found', 'There is no review with this id.');
    return presentReview(row, { seesPhi: may(caller, 'phi') });
  }
}

function reviewProblem(error: unknown): unknown {
  if (!(error instanceof SwitchboardError)) return error;
  switch (error.code) {
    case 'review_unknown':
      return new RequestProblem(404, 'not_found', 'There is no review with this id.');
    case 'review_decided':
    case 'review_obsolete':
      return new RequestProblem(409, error.code, 'This review is no longer open.');
    default:
      return asProblem(error);
  }
}
