import { uuidV7 } from '@switchboard/domain/ids';
import { RequestProblem } from '@switchboard/platform/problem';
import type { TwilioSettings } from '@switchboard/platform/twilio-settings';
import { type Client, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { readConversationLinks } from '@switchboard/postgres/api/conversation-links';
import { countInbox, listConversations, readConversation } from '@switchboard/postgres/api/conversation-list';
import { listUsers } from '@switchboard/postgres/api/users';
import { changeConversation } from '@switchboard/postgres/messaging/change-conversation';
import { twilioAccountOf } from '@switchboard/postgres/messaging/twilio-account';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { may, roleMay } from '../auth/caller.ts';
import { conversationPatch, ifMatch, toChange, versionOf } from '../conversations/conversation-change.ts';
import {
  type ConversationQuery,
  conversationQuery,
  conversationSearch,
  toConversationFilter,
} from '../conversations/conversation-query.ts';
import { conversationDetail, conversationList } from '../conversations/conversation-schema.ts';
import { findConversations } from '../conversations/find-conversations.ts';
import { presentConversation, presentConversationDetail } from '../conversations/present-conversation.ts';
import { toCursor } from '../paging/cursor.ts';
import { filterNames } from '../paging/parameters.ts';
import { auditedBy, callerOf, userOf } from '../plugins/authenticate.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { tenantOf } from './tenant-of.ts';

const tags = ['inbox'];
const listed = {
  tags,
  description:
    'Voice calls are conversations too. With `q` also by name or number. Each look is written to the audit log; readers without PHI see masked texts, and find what they may read.',
};

/** The inbox: conversations, and what is decided of them. */
export function conversationRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, writePool, allow, checkOrigin, pseudonymKey, twilio, now } = options;
  const params = z.object({ id: z.uuid() });

  app.get(
    '/api/v1/conversations',
    {
      onRequest: allow('records'),
      schema: {
        ...listed,
        summary: 'Conversations, latest activity first',
        querystring: conversationQuery,
        response: { 200: conversationList, ...problemAnswers },
      },
    },
    async (request) => list(request, request.query),
  );

  app.post(
    '/api/v1/conversations/search',
    {
      onRequest: [checkOrigin, allow('records')],
      schema: {
        ...listed,
        summary: 'The same with what is looked for in the body, which no log of addresses has',
        body: conversationSearch,
        response: { 200: conversationList, ...bodyProblemAnswers },
      },
    },
    async (request) => list(request, request.body),
  );

  app.get(
    '/api/v1/conversations/:id',
    {
      onRequest: allow('records'),
      schema: {
        tags,
        summary: 'A conversation with whom it is, how it stands, whether it can be answered, and its links',
        params,
        querystring: z.strictObject({}),
        response: { 200: conversationDetail, ...problemAnswers },
      },
    },
    async (request, reply) => {
      const { tenantId } = callerOf(request);
      return withTenant(pool, tenantId, async (client) => {
        const detail = await show(client, request, request.params.id, reply);
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'conversation.view',
          entityKind: 'conversation',
          entityId: detail.id,
        });
        return detail;
      });
    },
  );

  app.patch(
    '/api/v1/conversations/:id',
    {
      onRequest: [checkOrigin, allow('inbox')],
      schema: {
        tags,
        summary: 'Assign a conversation, say how it stands, label it, mark it as read',
        description:
          'With `If-Match` (the `ETag` of an answer) nothing is changed if somebody decided otherwise meanwhile; reading is no decision. What is resolved has been read.',
        params,
        headers: ifMatch,
        body: conversationPatch,
        response: { 200: conversationDetail, ...bodyProblemAnswers, ...conflictAnswer },
      },
    },
    async (request, reply) => {
      const { tenantId } = userOf(request);
      const { id } = request.params;
      const change = toChange(request.body);
      const at = new Date(now());
      if (change.state && 'until' in change.state && change.state.until <= at)
        throw invalid('body.snoozed_until', 'is over', 'a time to come');
      if (change.state?.to === 'resolved' && change.state.at && change.state.at > at)
        throw invalid('body.resolved_at', 'is to come', 'a time that is over');
      return withTenant(writePool, tenantId, async (client) => {
        if (typeof change.assigneeId === 'string') await requireAnswerer(client, tenantId, change.assigneeId);
        const outcome = await changeConversation(
          client,
          {
            tenant: await tenantOf(client, tenantId),
            pseudonymKey,
            // No event is the cause: one id names this transaction.
            cause: { eventId: uuidV7(now()), traceparent: null },
          },
          {
            conversationId: id,
            change,
            expectedVersion: versionOf(request.headers['if-match']) ?? request.body.version,
            at,
          },
        );
        if (outcome === 'unknown') throw unknownConversation();
        if (outcome === 'stale')
          throw new RequestProblem(
            409,
            'conversation_changed',
            'Somebody changed the conversation meanwhile. Read it again.',
          );
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'conversation.change',
          entityKind: 'conversation',
          entityId: id,
          details: {
            fields: Object.keys(request.body),
            status: request.body.status,
            assignee_id: change.assigneeId,
            outcome,
          },
        });
        return show(client, request, id, reply);
      });
    },
  );

  async function list(request: FastifyRequest, query: ConversationQuery) {
    const caller = callerOf(request);
    const reader = { seesPhi: may(caller, 'phi') };
    const { q, limit, cursor: after } = query;
    const userId = caller.kind === 'user' ? caller.id : null;
    return withTenant(pool, caller.tenantId, async (client) => {
      const filter = toConversationFilter(query, userId);
      const searched =
        q === undefined ? undefined : await findConversations(client, caller.tenantId, q, reader);
      const rows = await listConversations(client, caller.tenantId, {
        filter: { ...filter, found: searched?.found },
        limit: limit + 1,
        after,
      });
      const page = rows.slice(0, limit);
      const hits = await searched?.hitsOf(page.map(({ id }) => id));
      const counts = after ? null : await countInbox(client, caller.tenantId, filter, userId);
      await writeAudit(client, {
        ...auditedBy(request),
        action: q === undefined ? 'conversation.list' : 'conversation.search',
        details: { filters: filterNames(query), rows: page.length },
      });
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        conversations: page.map((row) => ({
          ...presentConversation(row, reader),
          ...(hits && { hits: hits.get(row.id) ?? [] }),
        })),
        counts,
        next_cursor: last ? toCursor({ at: last.place, id: last.id }) : null,
        ...(searched?.searchedNewest !== undefined && { searched_newest: searched.searchedNewest }),
      };
    });
  }

  async function show(client: Client, request: FastifyRequest, id: string, reply: FastifyReply) {
    const caller = callerOf(request);
    const row = await readConversation(client, caller.tenantId, id);
    if (!row) throw unknownConversation();
    reply.header('etag', `"${row.version}"`);
    return presentConversationDetail(row, await readConversationLinks(client, caller.tenantId, id), {
      reader: { seesPhi: may(caller, 'phi') },
      now: now(),
      hasAccount: await hasAccount(client, caller.tenantId, twilio),
    });
  }
}

/** Another clinic's is none, too. */
export function unknownConversation(): RequestProblem {
  return new RequestProblem(404, 'not_found', 'There is no conversation with this id.');
}

/** Whether messages of the clinic can go out. */
export async function hasAccount(
  client: Client,
  tenantId: string,
  settings: TwilioSettings,
): Promise<boolean> {
  return (await twilioAccountOf(client, tenantId, settings)) !== null;
}

async function requireAnswerer(client: Client, tenantId: string, userId: string): Promise<void> {
  const user = (await listUsers(client, tenantId)).find(({ id }) => id === userId);
  if (user?.status === 'active' && roleMay(user.role, 'inbox')) return;
  throw invalid('body.assignee_id', 'may not answer', 'an active user who may answer');
}

function invalid(location: string, message: string, fix: string): RequestProblem {
  return new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', {
    errors: [{ location, message, fix }],
  });
}
