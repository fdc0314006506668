import { uuidV7 } from '@switchboard/domain/ids';
import { type Client, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { readConversation } from '@switchboard/postgres/api/conversation-list';
import { addNote, listNotes } from '@switchboard/postgres/api/conversation-notes';
import { notifyInbox } from '@switchboard/postgres/messaging/notify';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { may } from '../auth/caller.ts';
import { noteQuery } from '../conversations/conversation-query.ts';
import { newNote, note, noteList } from '../conversations/message-schema.ts';
import { presentNote } from '../conversations/present-message.ts';
import { toCursor } from '../paging/cursor.ts';
import { auditedBy, callerOf, userOf } from '../plugins/authenticate.ts';
import { unknownConversation } from './conversations.ts';
import { bodyProblemAnswers, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

const tags = ['inbox'];
const params = z.object({ id: z.uuid() });

/** What staff note for each other. It is never sent. */
export function conversationNoteRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin, now } = options;

  app.get(
    '/api/v1/conversations/:id/notes',
    {
      onRequest: allow('records'),
      schema: {
        tags,
        summary: 'Notes of staff, newest first',
        params,
        querystring: noteQuery,
        response: { 200: noteList, ...problemAnswers },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { limit, cursor: after } = request.query;
      const { id } = request.params;
      return withTenant(pool, caller.tenantId, async (client) => {
        await requireConversation(client, caller.tenantId, id);
        const rows = await listNotes(client, caller.tenantId, id, { after, limit: limit + 1 });
        const page = rows.slice(0, limit);
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'conversation.read_notes',
          entityKind: 'conversation',
          entityId: id,
          details: { rows: page.length },
        });
        const last = rows.length > limit ? page.at(-1) : undefined;
        return {
          notes: page.map((row) => presentNote(row, { seesPhi: may(caller, 'phi') })),
          next_cursor: last ? toCursor({ at: last.place, id: last.id }) : null,
        };
      });
    },
  );

  app.post(
    '/api/v1/conversations/:id/notes',
    {
      onRequest: [checkOrigin, allow('inbox')],
      schema: {
        tags,
        summary: 'Note something for other staff; it is never sent',
        params,
        body: newNote,
        response: { 201: note, ...bodyProblemAnswers },
      },
    },
    async (request, reply) => {
      const user = userOf(request);
      const { id } = request.params;
      const written = await withTenant(pool, user.tenantId, async (client) => {
        await requireConversation(client, user.tenantId, id);
        const row = await addNote(client, user.tenantId, {
          id: uuidV7(now()),
          conversationId: id,
          authorId: user.id,
          body: request.body.text,
          at: new Date(now()),
        });
        await notifyInbox(client, [
          { tenantId: user.tenantId, conversationId: id, kind: 'note', messageId: null },
        ]);
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'conversation.note',
          entityKind: 'conversation',
          entityId: id,
          details: { note_id: row.id },
        });
        return presentNote(row, { seesPhi: may(user, 'phi') });
      });
      return reply.code(201).send(written);
    },
  );
}

async function requireConversation(client: Client, tenantId: string, id: string): Promise<void> {
  if (!(await readConversation(client, tenantId, id))) throw unknownConversation();
}
