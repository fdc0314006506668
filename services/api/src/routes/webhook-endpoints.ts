import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import type { Sealer, WebhookTargets } from '@switchboard/platform';
import { webhookTargetFault } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, lockTenant, type Pool, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import * as store from '@switchboard/postgres/webhooks/endpoints';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { createCheckOrigin } from '../auth/origin.ts';
import { type Allow, auditedBy, callerOf } from '../plugins/authenticate.ts';
import * as schema from '../webhooks/endpoint-schema.ts';
import { presentEndpoint } from '../webhooks/present-endpoint.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';

export interface WebhookEndpointRoutesOptions {
  pool: Pool;
  allow: Allow;
  checkOrigin: ReturnType<typeof createCheckOrigin>;
  sealer: Sealer;
  targets: WebhookTargets;
}

const most = 20;
const tags = ['webhooks'];
const params = z.object({ id: z.uuid() });

/** Where the clinic's own system is told of appointments: endpoints, their secrets and whether they are told at all. */
export function webhookEndpointRoutes(
  instance: FastifyInstance,
  options: WebhookEndpointRoutesOptions,
): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin, sealer, targets } = options;
  const path = '/api/v1/webhook-endpoints';
  const mayWrite = [checkOrigin, allow('webhooks')];

  /** Changes one endpoint, and writes who did. */
  const change = (
    request: FastifyRequest,
    id: string,
    action: string,
    work: (client: Client, tenantId: string) => Promise<store.EndpointRow | undefined>,
    details?: Record<string, unknown>,
  ) =>
    withTenant(pool, callerOf(request).tenantId, async (client) => {
      const row = await work(client, callerOf(request).tenantId);
      if (!row) throw unknownEndpoint();
      await writeAudit(client, { ...auditedEndpoint(request, id), action, details });
      return presentEndpoint(row);
    });

  const checkUrl = (url: string | undefined) => {
    const message = url === undefined ? undefined : webhookTargetFault(url, targets);
    if (message === undefined) return;
    throw new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', {
      errors: [{ location: 'body.url', message, fix: message.replace('must be ', '') }],
    });
  };

  app.get(
    path,
    {
      onRequest: allow('webhooks'),
      schema: {
        tags,
        summary: 'Where the clinic’s system is told of appointments',
        querystring: z.strictObject({}),
        response: { 200: schema.endpointList, ...problemAnswers },
      },
    },
    (request) => {
      const { tenantId } = callerOf(request);
      return withTenant(pool, tenantId, async (client) => {
        await writeAudit(client, { ...auditedBy(request), action: 'webhook_endpoint.list' });
        return { endpoints: (await store.listEndpoints(client, tenantId)).map(presentEndpoint) };
      });
    },
  );

  app.post(
    path,
    {
      onRequest: mayWrite,
      schema: {
        tags,
        summary: 'Add an endpoint; shows its secret once',
        description: `Signed as Standard Webhooks. ${most} endpoints at most. Anything but a 2xx is tried again, ten times in three days, with the same \`webhook-id\`: what comes twice is to be taken once. Changes of one appointment come in order.`,
        body: schema.newEndpoint,
        response: { 201: schema.endpointWithSecret, ...bodyProblemAnswers, ...conflictAnswer },
      },
    },
    async (request, reply) => {
      const { url, event_types: eventTypes, patient_names: patientNames } = request.body;
      checkUrl(url);
      const [id, secret] = [uuidV7(Date.now()), newSecret()];
      const sealedSecret = sealer.seal(Buffer.from(secret));
      const presented = await change(
        request,
        id,
        'webhook_endpoint.create',
        async (client, tenantId) => {
          await lockTenant(client, tenantId);
          if ((await store.listEndpoints(client, tenantId)).length >= most)
            throw new RequestProblem(409, 'too_many_endpoints', `A clinic has at most ${most} endpoints.`);
          return store.addEndpoint(client, tenantId, { id, url, eventTypes, patientNames, sealedSecret });
        },
        { host: hostOf(url), event_types: eventTypes, patient_names: patientNames },
      );
      return reply.code(201).send({ ...presented, secret });
    },
  );

  app.patch(
    `${path}/:id`,
    {
      onRequest: mayWrite,
      schema: {
        tags,
        summary: 'Change address, event types or whether names are told',
        params,
        body: schema.endpointChanges,
        response: { 200: schema.endpoint, ...bodyProblemAnswers },
      },
    },
    (request) => {
      const { url, event_types: eventTypes, patient_names: patientNames } = request.body;
      checkUrl(url);
      const changes = { url, eventTypes, patientNames };
      return change(
        request,
        request.params.id,
        'webhook_endpoint.change',
        (client, tenantId) => store.changeEndpoint(client, tenantId, request.params.id, changes),
        { ...request.body, url: undefined, host: hostOf(url) },
      );
    },
  );

  for (const [verb, work, summary] of [
    ['pause', store.pauseEndpoint, 'Tell it nothing until it is resumed; what happens meanwhile waits'],
    ['resume', store.resumeEndpoint, 'Go on telling it; what waits is sent at once'],
  ] as const)
    app.post(
      `${path}/:id/${verb}`,
      {
        onRequest: mayWrite,
        schema: { tags, summary, params, response: { 200: schema.endpoint, ...problemAnswers } },
      },
      (request) =>
        change(request, request.params.id, `webhook_endpoint.${verb}`, (client, tenantId) =>
          work(client, tenantId, request.params.id),
        ),
    );

  app.post(
    `${path}/:id/rotate-secret`,
    {
      onRequest: mayWrite,
      schema: {
        tags,
        summary: 'Replace the secret; shows the new one once',
        description: 'Until the overlap ends, each message carries a signature by either secret.',
        params,
        body: schema.rotation,
        response: { 200: schema.endpointWithSecret, ...bodyProblemAnswers },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { overlap_hours: overlapHours } = request.body;
      const secret = newSecret();
      const sealedSecret = sealer.seal(Buffer.from(secret));
      const presented = await change(
        request,
        id,
        'webhook_endpoint.rotate_secret',
        (client, tenantId) => store.rotateSecret(client, tenantId, id, { sealedSecret, overlapHours }),
        { overlap_hours: overlapHours },
      );
      return { ...presented, secret };
    },
  );

  app.delete(
    `${path}/:id`,
    {
      onRequest: mayWrite,
      schema: {
        tags,
        summary: 'Remove an endpoint and all that it was to be told',
        params,
        response: { 204: z.null(), ...problemAnswers },
      },
    },
    async (request, reply) => {
      const { tenantId } = callerOf(request);
      const { id } = request.params;
      await withTenant(pool, tenantId, async (client) => {
        if (!(await store.removeEndpoint(client, tenantId, id))) throw unknownEndpoint();
        await writeAudit(client, { ...auditedEndpoint(request, id), action: 'webhook_endpoint.delete' });
      });
      return reply.code(204).send(null);
    },
  );
}

/** Where it leads, for the audit log: the rest of an address may hold a key. */
function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : URL.parse(url)?.host;
}

/** 256 random bits, as the standard writes secrets. */
function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export function unknownEndpoint(): RequestProblem {
  return new RequestProblem(404, 'not_found', 'There is no endpoint with this id.');
}

export function auditedEndpoint(request: FastifyRequest, entityId: string) {
  return { ...auditedBy(request), entityKind: 'webhook_endpoint', entityId };
}
