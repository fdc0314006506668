import { createHmac } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import { RequestProblem } from '@switchboard/platform/problem';
import { allAnswered, lockTenant, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { readConversation } from '@switchboard/postgres/api/conversation-list';
import { readMessage } from '@switchboard/postgres/api/conversation-thread';
import { addMessageRequest, findMessageRequest } from '@switchboard/postgres/api/message-requests';
import { queueMessage } from '@switchboard/postgres/messaging/queue-message';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { may } from '../auth/caller.ts';
import { threadQuery } from '../conversations/conversation-query.ts';
import { idempotency, message, newMessage, thread } from '../conversations/message-schema.ts';
import { namesOf } from '../conversations/present-conversation.ts';
import { presentMessage, presentNote } from '../conversations/present-message.ts';
import { whyNotSent } from '../conversations/send-problems.ts';
import { readThreadPage } from '../conversations/thread-page.ts';
import { auditedBy, callerOf, userOf } from '../plugins/authenticate.ts';
import { whileAsked } from '../plugins/while-asked.ts';
import { hasAccount, unknownConversation } from './conversations.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { tenantOf } from './tenant-of.ts';

const tags = ['inbox'];
const params = z.object({ id: z.uuid() });

/** What was written in a conversation, and what staff write. */
export function conversationMessageRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, writePool, allow, checkOrigin, pseudonymKey, twilio, now } = options;

  app.get(
    '/api/v1/conversations/:id/messages',
    {
      onRequest: allow('records'),
      schema: {
        tags,
        summary: 'A page of the thread, with the notes between its messages; without a cursor the newest',
        description:
          'A reaction stands at its message. What a call holds is under `/calls/{id}`. Each look is written to the audit log; readers without PHI see masked texts.',
        params,
        querystring: threadQuery,
        response: { 200: thread, ...problemAnswers },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const reader = { seesPhi: may(caller, 'phi') };
      const { id } = request.params;
      return withTenant(pool, caller.tenantId, async (client) => {
        const conversation = await readConversation(client, caller.tenantId, id);
        if (!conversation) throw unknownConversation();
        const page = await readThreadPage(client, caller.tenantId, id, request.query);
        if (!page)
          throw new RequestProblem(404, 'not_found', 'There is no message with this id in the conversation.');
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'conversation.read',
          entityKind: 'conversation',
          entityId: id,
          details: { rows: page.messages.length },
        });
        const names = namesOf(conversation);
        return {
          messages: page.messages.map((row) => presentMessage(row, reader, names)),
          notes: page.notes.map((row) => presentNote(row, reader)),
          older_cursor: page.olderCursor,
          newer_cursor: page.newerCursor,
        };
      });
    },
  );

  app.post(
    '/api/v1/conversations/:id/messages',
    {
      onRequest: [checkOrigin, allow('inbox')],
      schema: {
        tags,
        summary: 'Send a text, or a template where the 24 hours of WhatsApp are over',
        description:
          'Answered when it is queued; how far it gets is its `status`. 409 says why it is not sent: `opted_out`, `outside_window`, `twilio_not_configured`, `not_a_chat`, `no_address`, `whatsapp_only`. 200 instead of 201: the `Idempotency-Key` was there before.',
        params,
        headers: idempotency,
        body: newMessage,
        response: { 200: message, 201: message, ...bodyProblemAnswers, ...conflictAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const sent = await send(request, id);
      return reply.code(sent.isNew ? 201 : 200).send(sent.message);
    },
  );

  async function send(
    request: FastifyRequest<{ Body: unknown }> & {
      body: z.infer<typeof newMessage>;
      headers: z.infer<typeof idempotency>;
    },
    conversationId: string,
  ) {
    const user = userOf(request);
    const { tenantId, id: userId } = user;
    const { body } = request;
    const key = request.headers['idempotency-key'];
    const asked = JSON.stringify([tenantId, conversationId, body]);
    const digest = createHmac('sha256', pseudonymKey).update(asked).digest();
    return whileAsked(request, writePool, tenantId, async (client) => {
      const conversation = await readConversation(client, tenantId, conversationId);
      if (!conversation) throw unknownConversation();
      const isConfigured = await hasAccount(client, tenantId, twilio);
      const quotedId = body.quoted_message_id ?? null;
      const quoted = quotedId === null ? null : await readMessage(client, tenantId, conversationId, quotedId);
      const tenant = await tenantOf(client, tenantId);
      const show = async (messageId: string) => {
        const row = await readMessage(client, tenantId, conversationId, messageId);
        if (!row) throw new Error('a message that was queued can be read');
        return presentMessage(row, { seesPhi: may(user, 'phi') }, namesOf(conversation));
      };
      // A second click waits here for the first one's end.
      await lockTenant(client, tenantId);
      const before =
        key === undefined ? undefined : await findMessageRequest(client, tenantId, { userId, key });
      if (before) {
        if (before.digest.equals(digest)) return { isNew: false, message: await show(before.messageId) };
        throw new RequestProblem(409, 'idempotency_key_reused', 'The key was used for another message.', {
          errors: [
            { location: 'header.idempotency-key', message: 'is another message’s', fix: 'a key of its own' },
          ],
        });
      }
      if (conversation.channel === 'voice') throw whyNotSent('not_a_chat');
      if (!isConfigured) throw whyNotSent('twilio_not_configured');
      if (quoted === undefined) throw whyNotSent('quoted_unknown');
      const fileId = body.file_id ?? null;
      if (fileId !== null && twilio.API_PUBLIC_URL === undefined) throw whyNotSent('files_not_configured');
      await allAnswered(client);
      const messageId = uuidV7(now());
      const outcome = await queueMessage(
        client,
        {
          tenant,
          pseudonymKey,
          // No event is the cause: the message names the facts of its sending.
          cause: { eventId: messageId, traceparent: null },
        },
        {
          id: messageId,
          conversationId,
          senderKind: 'user',
          senderId: userId,
          body: body.text ?? null,
          template: body.template ?? null,
          templateVariables: body.variables ?? {},
          quotedMessageId: quotedId,
          fileId,
          at: new Date(now()),
        },
      );
      if (outcome !== 'queued') throw whyNotSent(outcome);
      if (key !== undefined) await addMessageRequest(client, tenantId, { userId, key, messageId, digest });
      await writeAudit(client, {
        ...auditedBy(request),
        action: 'conversation.send',
        entityKind: 'conversation',
        entityId: conversationId,
        details: {
          message_id: messageId,
          as: fileId !== null ? 'file' : body.template === undefined ? 'text' : 'template',
        },
      });
      return { isNew: true, message: await show(messageId) };
    });
  }
}
