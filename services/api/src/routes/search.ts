import { type Client, withTenant } from '@switchboard/postgres';
import { listAppointments } from '@switchboard/postgres/api/appointment-list';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { listPatients } from '@switchboard/postgres/api/patient-list';
import { findMessages, findTurns } from '@switchboard/postgres/api/search-texts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { presentAppointment } from '../appointments/appointment-schema.ts';
import { may } from '../auth/caller.ts';
import { toPatientFilter } from '../patients/patient-query.ts';
import { presentPatientListItem } from '../patients/present-patient.ts';
import { auditedBy, callerOf } from '../plugins/authenticate.ts';
import { plainWords, showHits } from '../search/find-texts.ts';
import { type SearchAnswer, searchAnswer, searchQuery } from '../search/search-schema.ts';
import { bodyProblemAnswers, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { tenantOf } from './tenant-of.ts';

/** Of each group. */
const mostHits = 10;
/** Texts looked at for a reader who may see some of them alone. */
const mostTexts = 200;

/** One box for everything: patients, what was said and written, appointments by their code. */
export function searchRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin } = options;
  const described = {
    tags: ['records'],
    description:
      'Ten hits of each group. Each search is written to the audit log, without what was looked for. Readers without PHI find what they may read.',
  };

  app.get(
    '/api/v1/search',
    {
      onRequest: allow('records'),
      schema: {
        ...described,
        summary: 'Find patients, calls, messages and appointments',
        querystring: searchQuery,
        response: { 200: searchAnswer, ...problemAnswers },
      },
    },
    async (request) => search(request, request.query.q),
  );

  app.post(
    '/api/v1/search',
    {
      onRequest: [checkOrigin, allow('records')],
      schema: {
        ...described,
        summary: 'The same with what is looked for in the body, which no log of addresses has',
        body: searchQuery,
        response: { 200: searchAnswer, ...bodyProblemAnswers },
      },
    },
    async (request) => search(request, request.body.q),
  );

  async function search(request: FastifyRequest, q: string): Promise<SearchAnswer> {
    const caller = callerOf(request);
    const seesPhi = may(caller, 'phi');
    return withTenant(pool, caller.tenantId, async (client) => {
      const answer = {
        patients: seesPhi ? await findPatients(client, caller.tenantId, q) : null,
        ...(await findSpoken(client, caller.tenantId, q, seesPhi)),
        // A code opens its appointment to whoever can say it.
        appointments:
          seesPhi && may(caller, 'appointments')
            ? await findByCode(client, caller.tenantId, q, seesPhi)
            : { hits: [] },
      };
      await writeAudit(client, {
        ...auditedBy(request),
        action: 'search',
        details: Object.fromEntries(
          Object.entries(answer).map(([group, found]) => [group, found?.hits.length ?? 0]),
        ),
      });
      return answer;
    });
  }
}

async function findPatients(client: Client, tenantId: string, q: string): Promise<SearchAnswer['patients']> {
  const { country } = await tenantOf(client, tenantId);
  const page = { limit: mostHits, offset: 0 };
  const filter = toPatientFilter({ q: q.slice(0, 120), ...page }, country);
  const { rows, total } = await listPatients(client, tenantId, filter, page);
  return { hits: rows.map(presentPatientListItem), total };
}

async function findSpoken(
  client: Client,
  tenantId: string,
  q: string,
  seesPhi: boolean,
): Promise<Pick<SearchAnswer, 'calls' | 'messages'>> {
  const most = seesPhi ? mostHits : mostTexts;
  const words = seesPhi ? q : plainWords(q);
  const turns = words === '' ? [] : await findTurns(client, tenantId, words, most);
  const messages = words === '' ? [] : await findMessages(client, tenantId, words, most);
  const calls = await showHits(client, words, turns, seesPhi, mostHits);
  const written = await showHits(client, words, messages, seesPhi, mostHits);
  return {
    calls: {
      hits: calls.map(({ hit, snippet }) => ({
        call_id: hit.id,
        at: hit.at.toISOString(),
        turn: hit.turn_index ?? 0,
        speaker: hit.speaker,
        snippet,
      })),
    },
    messages: {
      hits: written.map(({ hit, snippet }) => ({
        message_id: hit.id,
        conversation_id: hit.conversation_id ?? '',
        at: hit.at.toISOString(),
        sender: hit.speaker,
        snippet,
      })),
    },
  };
}

async function findByCode(
  client: Client,
  tenantId: string,
  q: string,
  seesPhi: boolean,
): Promise<SearchAnswer['appointments']> {
  const confirmationCode = q.toUpperCase();
  const rows = await listAppointments(client, tenantId, { filter: { confirmationCode }, limit: mostHits });
  return { hits: rows.map((row) => presentAppointment(row, { seesPhi })) };
}
