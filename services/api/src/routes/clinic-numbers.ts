import { uuidV7 } from '@switchboard/domain/ids';
import { toE164 } from '@switchboard/domain/phone';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import * as store from '@switchboard/postgres/api/clinic-numbers';
import {
  deleteWebhookSecretsOfKind,
  listWebhookSecrets,
  readSettings,
  type StoredSettings,
  writeSettings,
} from '@switchboard/postgres/api/settings';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { auditedBy, userOf } from '../plugins/authenticate.ts';
import { lookAtSettings } from '../settings/look-and-change.ts';
import * as schema from '../settings/numbers-schema.ts';
import { ifMatch } from '../settings/settings-schema.ts';
import { etagOf, lockSettings } from '../settings/settings-version.ts';
import { storeSecret } from '../settings/store-secret.ts';
import { hasAccount } from './conversations.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

const most = 50;
const path = '/api/v1/settings/numbers';
const tags = ['settings'];

/** What the clinic is called and written to on, and the account that its messages go out by. */
export function clinicNumberRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin, sealer, twilio, now } = options;
  const changing = { onRequest: [checkOrigin, allow('settings')] };
  const answers = { ...bodyProblemAnswers, ...conflictAnswer };

  app.get(
    path,
    {
      onRequest: allow('settings'),
      schema: {
        tags,
        summary: 'The clinic’s numbers and its account with Twilio',
        response: { 200: schema.senders, ...problemAnswers },
      },
    },
    async (request, reply) =>
      lookAtSettings(pool, request, (client, tenantId) => show(client, tenantId, reply)),
  );

  app.post(
    path,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Add a number',
        description:
          'Ingest and what sends know it within half a minute. A number of a channel belongs to one clinic: 409 `number_taken`.',
        headers: ifMatch,
        body: schema.newNumber,
        response: { 201: schema.senders, ...answers },
      },
    },
    async (request, reply) => {
      const { channel, number: written, label = null } = request.body;
      const senders = await change(request, reply, `add_number`, { channel }, async (client, settings) => {
        const { tenantId } = userOf(request);
        if ((await store.listNumbers(client, tenantId)).length >= most)
          throw new RequestProblem(409, 'too_many_numbers', `A clinic has ${most} numbers at most.`);
        const number = numberOf(written, settings);
        const row = { label, chosen_at: null, created_at: new Date(now()) };
        if (!(await store.addNumber(client, tenantId, { channel, number }, row))) throw taken();
      });
      return reply.code(201).send(senders);
    },
  );

  app.patch(
    `${path}/:channel/:number`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Correct a number, name it, or write from it',
        headers: ifMatch,
        params: schema.numberName,
        body: schema.numberChange,
        response: { 200: schema.senders, ...answers },
      },
    },
    async (request, reply) => {
      const { channel } = request.params;
      const { number: written, label, sends } = request.body;
      const details = { channel, fields: Object.keys(request.body) };
      return change(request, reply, 'change_number', details, async (client, settings) => {
        const { tenantId } = userOf(request);
        const rows = await store.listNumbers(client, tenantId);
        const old = rows.find((row) => row.channel === channel && row.number === request.params.number);
        if (!old) throw unknown();
        const number = written === undefined ? old.number : numberOf(written, settings);
        const row = {
          label: label === undefined ? old.label : label,
          chosen_at: sends ? new Date(now()) : old.chosen_at,
          created_at: old.created_at,
        };
        if (number === old.number) return store.changeNumber(client, tenantId, old, row);
        if (!(await store.addNumber(client, tenantId, { channel, number }, row))) throw taken();
        await store.removeNumber(client, tenantId, old);
      });
    },
  );

  app.delete(
    `${path}/:channel/:number`,
    {
      ...changing,
      schema: {
        tags,
        summary: 'Remove a number',
        description:
          'What was said on it stays. Messages that wait to be answered from it go out from the next one.',
        headers: ifMatch,
        params: schema.numberName,
        response: { 200: schema.senders, ...answers },
      },
    },
    async (request, reply) => {
      const { channel } = request.params;
      return change(request, reply, 'remove_number', { channel }, async (client) => {
        const { tenantId } = userOf(request);
        if (!(await store.removeNumber(client, tenantId, request.params))) throw unknown();
      });
    },
  );

  app.put(
    '/api/v1/settings/twilio',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Set the account with Twilio and its token, or remove both',
        headers: ifMatch,
        body: schema.twilioChange,
        response: { 200: schema.senders, ...answers },
      },
    },
    async (request, reply) => {
      const { account_sid: sid, auth_token: token, overlap_hours: overlapHours } = request.body;
      const details = { account: sid !== null, token: token !== undefined };
      return change(request, reply, 'set_twilio', details, async (client) => {
        const { tenantId } = userOf(request);
        await writeSettings(client, tenantId, { twilio_account_sid: sid });
        if (sid === null) await deleteWebhookSecretsOfKind(client, tenantId, 'twilio');
        if (token !== undefined) {
          const id = uuidV7(now());
          const sealed = sealer.seal(Buffer.from(token));
          await storeSecret(client, tenantId, { id, kind: 'twilio', sealed, overlapHours });
        }
      });
    },
  );

  async function change(
    request: FastifyRequest & { headers: { 'if-match': string } },
    reply: FastifyReply,
    action: string,
    details: Record<string, unknown>,
    work: (client: Client, settings: StoredSettings | undefined) => Promise<void>,
  ) {
    const { tenantId } = userOf(request);
    return withTenant(pool, tenantId, async (client) => {
      const settings = await lockSettings(client, tenantId, request.headers['if-match']);
      await work(client, settings);
      await writeSettings(client, tenantId, {});
      await writeAudit(client, { ...auditedBy(request), action: `settings.${action}`, details });
      return show(client, tenantId, reply);
    });
  }

  async function show(client: Client, tenantId: string, reply: FastifyReply) {
    const stored = await readSettings(client, tenantId);
    const tokens = (await listWebhookSecrets(client, tenantId)).filter(
      ({ kind, not_after }) => kind === 'twilio' && (not_after === null || not_after.getTime() > now()),
    );
    const version = stored?.settings_version ?? 0;
    reply.header('etag', etagOf(version));
    return {
      numbers: schema.presentNumbers(await store.listNumbers(client, tenantId)),
      twilio: {
        account_sid: stored?.twilio_account_sid ?? null,
        auth_token: tokens.length > 0 ? ('set' as const) : ('not_set' as const),
        can_send: await hasAccount(client, tenantId, twilio),
      },
      version,
    };
  }
}

/** @throws RequestProblem 422 */
function numberOf(written: string, settings: StoredSettings | undefined): string {
  const number = toE164(written, settings?.country ?? null);
  if (number !== null) return number;
  const fix = 'a number that can be dialled, with its country code, e.g. +912240001234';
  throw new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', {
    errors: [{ location: 'body.number', message: 'is no number of any country', fix }],
  });
}

function taken(): RequestProblem {
  const fix = 'another number; or have it removed from the clinic that has it';
  return new RequestProblem(409, 'number_taken', 'This number of this channel is in use already.', {
    errors: [{ location: 'body.number', message: 'is in use', fix }],
  });
}

function unknown(): RequestProblem {
  return new RequestProblem(404, 'not_found', 'The clinic has no such number of this channel.');
}
