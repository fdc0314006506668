import { uuidV7 } from '@switchboard/domain/ids';
import { makeApiKey, storedApiKey } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, withTenant } from '@switchboard/postgres';
import { createApiKey, listApiKeys, retireApiKey, revokeApiKey } from '@switchboard/postgres/api/api-keys';
import { writeAudit } from '@switchboard/postgres/api/audit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  apiKey,
  apiKeyList,
  createdApiKey,
  newApiKey,
  presentApiKey,
  rotation,
} from '../access/api-key-schema.ts';
import { auditedBy, userOf } from '../plugins/authenticate.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

/** Keys of machines, for the clinic's owners. */
export function apiKeyRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin, now } = options;
  const tags = ['who is asking'];
  const params = z.object({ id: z.uuid() });
  const changing = { onRequest: [checkOrigin, allow('access')] };

  app.get(
    '/api/v1/api-keys',
    {
      onRequest: allow('access'),
      schema: { tags, summary: 'Keys of the clinic', response: { 200: apiKeyList, ...problemAnswers } },
    },
    async (request) => {
      const { tenantId } = userOf(request);
      return withTenant(pool, tenantId, async (client) => {
        const rows = await listApiKeys(client, tenantId);
        await writeAudit(client, { ...auditedBy(request), action: 'api_key.list' });
        return { api_keys: rows.map((row) => presentApiKey(row, now())) };
      });
    },
  );

  app.post(
    '/api/v1/api-keys',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Make a key, shown once',
        body: newApiKey,
        response: { 201: createdApiKey, ...bodyProblemAnswers },
      },
    },
    async (request, reply) => {
      const { tenantId } = userOf(request);
      const { name, scopes, expires_at: expires } = request.body;
      const expiresAt = expires === undefined ? null : new Date(expires);
      const created = await withTenant(pool, tenantId, (client) =>
        create(client, request, { name, scopes: [...new Set(scopes)], expiresAt }, 'api_key.create'),
      );
      return reply.code(201).send(created);
    },
  );

  app.post(
    '/api/v1/api-keys/:id/rotate',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Replace a key by a new one, shown once; both work for some hours',
        params,
        body: rotation,
        response: { 201: createdApiKey, ...bodyProblemAnswers, ...conflictAnswer },
      },
    },
    async (request, reply) => {
      const { tenantId } = userOf(request);
      const created = await withTenant(pool, tenantId, async (client) => {
        const keys = await listApiKeys(client, tenantId);
        const old = keys.find(({ id }) => id === request.params.id);
        if (!old) throw unknownKey();
        if (!(await retireApiKey(client, tenantId, old.id, request.body.overlap_hours)))
          throw new RequestProblem(409, 'api_key_over', 'This key no longer works. Make a new one.');
        const { name, scopes, expires_at: expiresAt } = old;
        return create(client, request, { name, scopes, expiresAt }, 'api_key.rotate', { replaces: old.id });
      });
      return reply.code(201).send(created);
    },
  );

  app.delete(
    '/api/v1/api-keys/:id',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Revoke a key, at once',
        params,
        response: { 200: apiKey, ...bodyProblemAnswers },
      },
    },
    async (request) => {
      const { tenantId } = userOf(request);
      return withTenant(pool, tenantId, async (client) => {
        const row = await revokeApiKey(client, tenantId, request.params.id);
        if (!row) throw unknownKey();
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'api_key.revoke',
          entityKind: 'api_key',
          entityId: row.id,
        });
        return presentApiKey(row, now());
      });
    },
  );

  async function create(
    client: Client,
    request: FastifyRequest,
    wanted: { name: string; scopes: readonly string[]; expiresAt: Date | null },
    action: string,
    details: Record<string, unknown> = {},
  ): Promise<z.infer<typeof createdApiKey>> {
    const { tenantId } = userOf(request);
    const key = makeApiKey();
    const id = uuidV7(now());
    const row = await createApiKey(client, tenantId, { id, ...storedApiKey(key), ...wanted });
    if (!row) throw new Error('an insert returns its row');
    await writeAudit(client, {
      ...auditedBy(request),
      action,
      entityKind: 'api_key',
      entityId: id,
      details: { scopes: wanted.scopes, ...details },
    });
    return { ...presentApiKey(row, now()), key };
  }
}

function unknownKey(): RequestProblem {
  return new RequestProblem(404, 'not_found', 'There is no key with this id.');
}
