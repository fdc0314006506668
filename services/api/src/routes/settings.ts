import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import {
  deleteWebhookSecret,
  listWebhookSecrets,
  readSettings,
  writeSettings,
} from '@switchboard/postgres/api/settings';
import { readQuotas } from '@switchboard/postgres/tenancy/quotas';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { auditedBy, userOf } from '../plugins/authenticate.ts';
import { lookAtSettings } from '../settings/look-and-change.ts';
import {
  createdSecret,
  ifMatch,
  newWebhookSecret,
  presentSettings,
  settings,
  settingsChange,
  toSettings,
} from '../settings/settings-schema.ts';
import { etagOf, lockSettings } from '../settings/settings-version.ts';
import { storeSecret } from '../settings/store-secret.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

/** What the clinic decides about itself, for its owners and managers. */
export function settingsRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin, sealer, now } = options;
  const tags = ['settings'];
  const changing = { onRequest: [checkOrigin, allow('settings')] };

  app.get(
    '/api/v1/settings',
    {
      onRequest: allow('settings'),
      schema: { tags, summary: 'The clinic’s settings', response: { 200: settings, ...problemAnswers } },
    },
    async (request, reply) =>
      lookAtSettings(pool, request, (client, tenantId) => show(client, tenantId, reply)),
  );

  app.patch(
    '/api/v1/settings',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Change settings, unless somebody else did meanwhile',
        description:
          '`If-Match` names the version that the change was made from: the `ETag` of the answer before.',
        headers: ifMatch,
        body: settingsChange,
        response: { 200: settings, ...bodyProblemAnswers, ...conflictAnswer },
      },
    },
    async (request, reply) => {
      const { tenantId } = userOf(request);
      const change = toSettings(request.body);
      return withTenant(pool, tenantId, async (client) => {
        await lockSettings(client, tenantId, request.headers['if-match']);
        await writeSettings(client, tenantId, change);
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'settings.change',
          details: { fields: Object.keys(request.body) },
        });
        return show(client, tenantId, reply);
      });
    },
  );

  app.post(
    '/api/v1/settings/webhook-secrets',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Set or rotate a webhook secret',
        description: 'Kept sealed and never shown again. Ingest knows it within half a minute.',
        body: newWebhookSecret,
        response: { 201: createdSecret, ...bodyProblemAnswers },
      },
    },
    async (request, reply) => {
      const { tenantId } = userOf(request);
      const { kind, secret: given, overlap_hours: overlapHours } = request.body;
      if (kind === 'twilio' && given === undefined)
        throw new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', {
          errors: [
            { location: 'body.secret', message: 'is Twilio’s to make', fix: 'the account’s auth token' },
          ],
        });
      const made = given === undefined ? `whsec_${randomBytes(32).toString('base64')}` : null;
      const sealed = sealer.seal(Buffer.from(given ?? made ?? ''));
      const id = uuidV7(now());
      await withTenant(pool, tenantId, async (client) => {
        await readSettings(client, tenantId, true);
        await storeSecret(client, tenantId, { id, kind, sealed, overlapHours });
        await writeSettings(client, tenantId, {});
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'settings.set_webhook_secret',
          entityKind: 'webhook_secret',
          entityId: id,
          details: { kind, overlap_hours: overlapHours },
        });
      });
      return reply.code(201).send({ id, secret: made });
    },
  );

  app.delete(
    '/api/v1/settings/webhook-secrets/:id',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Remove a webhook secret, at once',
        params: z.object({ id: z.uuid() }),
        response: { 204: z.null(), ...bodyProblemAnswers },
      },
    },
    async (request, reply) => {
      const { tenantId } = userOf(request);
      const { id } = request.params;
      await withTenant(pool, tenantId, async (client) => {
        if (!(await deleteWebhookSecret(client, tenantId, id)))
          throw new RequestProblem(404, 'not_found', 'There is no secret with this id.');
        await writeSettings(client, tenantId, {});
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'settings.remove_webhook_secret',
          entityKind: 'webhook_secret',
          entityId: id,
        });
      });
      return reply.code(204).send(null);
    },
  );

  async function show(client: Client, tenantId: string, reply: FastifyReply) {
    const stored = await readSettings(client, tenantId);
    if (!stored) throw new RequestProblem(401, 'not_authenticated', 'Log in, or send a valid API key.');
    reply.header('etag', etagOf(stored.settings_version));
    const secrets = await listWebhookSecrets(client, tenantId);
    return presentSettings(stored, secrets, await readQuotas(client, tenantId));
  }
}
