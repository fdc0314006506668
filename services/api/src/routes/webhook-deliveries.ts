import { uuidV7 } from '@switchboard/domain/ids';
import { RequestProblem } from '@switchboard/platform/problem';
import { withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { listDeliveries, listEndpoints, retryDelivery } from '@switchboard/postgres/webhooks/endpoints';
import { testEventType } from '@switchboard/postgres/webhooks/event-types';
import { writeDeliveries } from '@switchboard/postgres/webhooks/tell-appointments';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../plugins/authenticate.ts';
import { deliveryList, deliveryQuery, queuedDelivery } from '../webhooks/endpoint-schema.ts';
import { presentDelivery } from '../webhooks/present-endpoint.ts';
import { conflictAnswer, problemAnswers } from './problem-schema.ts';
import { auditedEndpoint, unknownEndpoint, type WebhookEndpointRoutesOptions } from './webhook-endpoints.ts';

const tags = ['webhooks'];
const params = z.object({ id: z.uuid() });
const overtaken = {
  location: 'path.delivery_id',
  message: 'is older than what the endpoint was told of the record',
  fix: 'a later delivery of the record; GET /api/v1/appointments?updated_since= tells what was missed',
};

/** What an endpoint was told, and once more. */
export function webhookDeliveryRoutes(
  instance: FastifyInstance,
  { pool, allow, checkOrigin }: Pick<WebhookEndpointRoutesOptions, 'pool' | 'allow' | 'checkOrigin'>,
): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const path = '/api/v1/webhook-endpoints/:id';
  const mayWrite = [checkOrigin, allow('webhooks')];

  app.post(
    `${path}/test`,
    {
      onRequest: mayWrite,
      schema: {
        tags,
        summary: `Send an event of the type ${testEventType}`,
        params,
        response: { 202: queuedDelivery, ...problemAnswers, ...conflictAnswer },
      },
    },
    async (request, reply) => {
      const { tenantId } = callerOf(request);
      const { id: endpointId } = request.params;
      const id = uuidV7(Date.now());
      await withTenant(pool, tenantId, async (client) => {
        const endpoint = (await listEndpoints(client, tenantId)).find((one) => one.id === endpointId);
        if (!endpoint) throw unknownEndpoint();
        if (endpoint.paused_at !== null)
          throw new RequestProblem(409, 'endpoint_paused', 'The endpoint is paused: resume it first.');
        const body = {
          id,
          type: testEventType,
          timestamp: new Date().toISOString(),
          data: { endpoint_id: endpointId },
        };
        await writeDeliveries(client, [
          {
            tenant_id: tenantId,
            id,
            endpoint_id: endpointId,
            event_type: testEventType,
            entity_id: id,
            entity_version: 1,
            body,
          },
        ]);
        await writeAudit(client, {
          ...auditedEndpoint(request, endpointId),
          action: 'webhook_endpoint.test',
        });
      });
      return reply.code(202).send({ delivery_id: id, status: 'queued' });
    },
  );

  app.get(
    `${path}/deliveries`,
    {
      onRequest: allow('webhooks'),
      schema: {
        tags,
        summary: 'What it was told or is to be, newest first; without the bodies',
        params,
        querystring: deliveryQuery,
        response: { 200: deliveryList, ...problemAnswers },
      },
    },
    (request) => {
      const { tenantId } = callerOf(request);
      const { state, limit, offset } = request.query;
      return withTenant(pool, tenantId, async (client) => {
        const endpoints = await listEndpoints(client, tenantId);
        if (!endpoints.some(({ id }) => id === request.params.id)) throw unknownEndpoint();
        await writeAudit(client, {
          ...auditedEndpoint(request, request.params.id),
          action: 'webhook_delivery.list',
        });
        const rows = await listDeliveries(client, tenantId, request.params.id, { state, limit, offset });
        return { deliveries: rows.map(presentDelivery), pagination: { limit, offset } };
      });
    },
  );

  app.post(
    `${path}/deliveries/:delivery_id/retry`,
    {
      onRequest: mayWrite,
      schema: {
        tags,
        summary: 'Try one that failed or waits again now',
        description:
          'Not after a later change of the same record was delivered: changes of one come in order.',
        params: params.extend({ delivery_id: z.uuid() }),
        response: { 202: queuedDelivery, ...problemAnswers, ...conflictAnswer },
      },
    },
    async (request, reply) => {
      const { tenantId } = callerOf(request);
      const { id: endpointId, delivery_id: deliveryId } = request.params;
      await withTenant(pool, tenantId, async (client) => {
        const came = await retryDelivery(client, tenantId, endpointId, deliveryId);
        if (came === 'missing')
          throw new RequestProblem(404, 'not_found', 'There is no delivery with this id.');
        if (came === 'delivered')
          throw new RequestProblem(
            409,
            'already_delivered',
            'It was delivered: there is nothing to try again.',
          );
        if (came === 'overtaken')
          throw new RequestProblem(
            409,
            'overtaken',
            'A later change of the same record was delivered since, or is on its way: this one would come out of order.',
            { errors: [overtaken] },
          );
        await writeAudit(client, {
          ...auditedEndpoint(request, endpointId),
          action: 'webhook_delivery.retry',
          details: { delivery_id: deliveryId },
        });
      });
      return reply.code(202).send({ delivery_id: deliveryId, status: 'queued' });
    },
  );
}
