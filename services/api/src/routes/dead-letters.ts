import { SwitchboardError } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { askReplays, discardDeadLetters } from '@switchboard/postgres/pipeline/decide-dead-letters';
import { listDeadLetters, readDeadLetter } from '@switchboard/postgres/pipeline/find-dead-letters';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { may } from '../auth/caller.ts';
import { createFilterOf } from '../dead-letters/filter-of.ts';
import {
  discardBody,
  discarded,
  discardOneBody,
  letter,
  letterList,
  letterQuery,
  presentLetter,
  presentOriginal,
  replayBody,
  replaying,
  shownLetter,
} from '../dead-letters/letter-schema.ts';
import { toCursor } from '../paging/cursor.ts';
import { filterNames } from '../paging/parameters.ts';
import { auditedBy, callerOf } from '../plugins/authenticate.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

const path = '/api/v1/dead-letters';
const tags = ['operations'];
const params = z.object({ id: z.uuid() });

/** The clinic's events that could not go on: to look at, put back and give up. Those of no clinic are the operator's alone. */
export function deadLetterRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin, sealer } = options;
  const filterOf = createFilterOf(options.pseudonymKey);
  const deciding = { onRequest: [checkOrigin, allow('dead_letters')] };
  const decided = { ...bodyProblemAnswers, ...conflictAnswer };

  app.get(
    path,
    {
      onRequest: allow('dead_letters'),
      schema: {
        tags,
        summary: 'Events that could not go on, last failed first',
        querystring: letterQuery,
        response: { 200: letterList, ...problemAnswers },
      },
    },
    async (request) => {
      const { query } = request;
      return inClinic(request, async (client, tenantId) => {
        const filter = { ...(await filterOf(client, tenantId, query)), states: query.state };
        const rows = await listDeadLetters(client, tenantId, {
          filter,
          limit: query.limit + 1,
          after: query.cursor,
        });
        const page = rows.slice(0, query.limit);
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'dead_letter.list',
          details: { filters: filterNames(query), rows: page.length },
        });
        const last = rows.length > query.limit ? page.at(-1) : undefined;
        return {
          dead_letters: page.map(presentLetter),
          next_cursor: last ? toCursor({ at: last.place, id: last.id }) : null,
        };
      });
    },
  );

  app.get(
    `${path}/:id`,
    {
      onRequest: allow('dead_letters'),
      schema: {
        tags,
        summary: 'One of them with its original, opened',
        description: 'Looking at it is written to the audit log.',
        params,
        response: { 200: shownLetter, ...problemAnswers },
      },
    },
    async (request) => {
      if (!may(callerOf(request), 'phi'))
        throw new RequestProblem(403, 'not_allowed', 'Your role or key does not include this.');
      return inClinic(request, async (client, tenantId) => {
        const row = await readDeadLetter(client, tenantId, request.params.id);
        if (!row) throw unknown();
        await writeAudit(client, { ...audited(request, row.id), action: 'dead_letter.view' });
        return { ...presentLetter(row), original: presentOriginal(row, openOrNull(row.sealed)) };
      });
    },
  );

  app.post(
    `${path}/replay`,
    {
      ...deciding,
      schema: {
        tags,
        summary: 'Put back all that match, each at its stage',
        description: 'Those under way, or given up, stay as they are. What has landed lands once.',
        body: replayBody,
        response: { 202: replaying, ...bodyProblemAnswers },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const ids = await inClinic(request, async (client, tenantId) => {
        const filter = { ...(await filterOf(client, tenantId, body)), states: body.state };
        const asked = await askReplays(client, tenantId, filter);
        await auditMany(client, request, 'dead_letter.replay', body, asked);
        return asked;
      });
      return reply.code(202).send({ replaying: ids.length });
    },
  );

  app.post(
    `${path}/discard`,
    {
      ...deciding,
      schema: {
        tags,
        summary: 'Give up all open ones that match',
        body: discardBody,
        response: { 200: discarded, ...bodyProblemAnswers },
      },
    },
    async (request) => {
      const { reason, letters } = request.body;
      return inClinic(request, async (client, tenantId) => {
        const filter = await filterOf(client, tenantId, letters);
        const ids = await discardDeadLetters(client, tenantId, filter, reason);
        await auditMany(client, request, 'dead_letter.discard', letters, ids);
        return { discarded: ids.length };
      });
    },
  );

  app.post(
    `${path}/:id/replay`,
    {
      ...deciding,
      schema: {
        tags,
        summary: 'Put it back at its stage; again, where it was put back before',
        params,
        response: { 202: letter, ...decided },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const row = await inClinic(request, async (client, tenantId) => {
        const asked = await askReplays(client, tenantId, { id, states: ['open', 'replayed'] });
        const found = await readDeadLetter(client, tenantId, id);
        if (!found) throw unknown();
        if (found.state === 'discarded')
          throw new RequestProblem(409, 'dead_letter_discarded', 'It was given up.');
        if (found.bytes === 0)
          throw new RequestProblem(
            409,
            'dead_letter_removed',
            'It was put back long ago, and its original is kept no longer.',
          );
        if (asked.length > 0)
          await writeAudit(client, { ...audited(request, id), action: 'dead_letter.replay' });
        return found;
      });
      return reply.code(202).send(presentLetter(row));
    },
  );

  app.post(
    `${path}/:id/discard`,
    {
      ...deciding,
      schema: {
        tags,
        summary: 'Give it up',
        params,
        body: discardOneBody,
        response: { 200: letter, ...decided },
      },
    },
    async (request) => {
      const { id } = request.params;
      return inClinic(request, async (client, tenantId) => {
        const given = await discardDeadLetters(client, tenantId, { id }, request.body.reason);
        const row = await readDeadLetter(client, tenantId, id);
        if (!row) throw unknown();
        if (row.state !== 'discarded')
          throw new RequestProblem(409, `dead_letter_${row.state}`, 'Only an open one can be given up.');
        if (given.length > 0)
          await writeAudit(client, { ...audited(request, id), action: 'dead_letter.discard' });
        return presentLetter(row);
      });
    },
  );

  function inClinic<T>(
    request: FastifyRequest,
    work: (client: Client, tenantId: string) => Promise<T>,
  ): Promise<T> {
    const { tenantId } = callerOf(request);
    return withTenant(pool, tenantId, (client) => work(client, tenantId));
  }

  /** What no key of ours opens is shown without its original: it can still be decided on. */
  function openOrNull(sealed: Buffer): Buffer | null {
    try {
      return sealer.open(sealed);
    } catch (error) {
      if (error instanceof SwitchboardError && error.code === 'seal_broken') return null;
      throw error;
    }
  }
}

function audited(request: FastifyRequest, id: string) {
  return { ...auditedBy(request), entityKind: 'dead_letter', entityId: id };
}

async function auditMany(
  client: Client,
  request: FastifyRequest,
  action: string,
  filters: Readonly<Record<string, unknown>>,
  ids: readonly string[],
): Promise<void> {
  const details = { filters: filterNames(filters), rows: ids.length };
  await writeAudit(client, { ...auditedBy(request), action, details });
}

function unknown(): RequestProblem {
  return new RequestProblem(404, 'not_found', 'There is no dead letter with this id.');
}
