import { uuidV7 } from '@switchboard/domain/ids';
import { hashPassword, randomPassword, SwitchboardError } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { changeUser, createUser, listUsers, type UserChange } from '@switchboard/postgres/api/users';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createdUser, newUser, presentUser, user, userChange, userList } from '../access/user-schema.ts';
import { auditedBy, userOf } from '../plugins/authenticate.ts';
import { bodyProblemAnswers, conflictAnswer, problemAnswers } from './problem-schema.ts';
import type { RecordRoutesOptions } from './record-routes.ts';

/** Accounts of the clinic's staff, for its owners. */
export function userRoutes(instance: FastifyInstance, options: RecordRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, allow, checkOrigin, now } = options;
  const tags = ['who is asking'];
  const params = z.object({ id: z.uuid() });
  const changing = { onRequest: [checkOrigin, allow('access')] };

  app.get(
    '/api/v1/users',
    {
      onRequest: allow('access'),
      schema: { tags, summary: 'Accounts of the clinic', response: { 200: userList, ...problemAnswers } },
    },
    async (request) => {
      const { tenantId } = userOf(request);
      return withTenant(pool, tenantId, async (client) => {
        const rows = await listUsers(client, tenantId);
        await writeAudit(client, { ...auditedBy(request), action: 'user.list' });
        return { users: rows.map(presentUser) };
      });
    },
  );

  app.post(
    '/api/v1/users',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Let somebody in',
        body: newUser,
        response: { 201: createdUser, ...bodyProblemAnswers, ...conflictAnswer },
      },
    },
    async (request, reply) => {
      const { tenantId } = userOf(request);
      const { email, display_name: displayName, role, password } = request.body;
      const initial = password === undefined ? randomPassword() : null;
      const passwordHash = await hashPassword(password ?? initial ?? '');
      const row = await withTenant(pool, tenantId, async (client) => {
        const id = uuidV7(now());
        const created = await createUser(client, tenantId, { id, email, displayName, role, passwordHash });
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'user.create',
          entityKind: 'user',
          entityId: id,
          details: { role },
        });
        return created;
      }).catch((error: unknown) => {
        throw asProblem(error);
      });
      return reply.code(201).send({ ...presentUser(row), initial_password: initial });
    },
  );

  app.patch(
    '/api/v1/users/:id',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Change a name or role, shut somebody out, or let back in',
        description: 'Another role or state ends the person’s sessions at once. The last owner stays one.',
        params,
        body: userChange,
        response: { 200: user, ...bodyProblemAnswers, ...conflictAnswer },
      },
    },
    async (request) => {
      const { display_name: displayName, role, status } = request.body;
      const fields = Object.keys(request.body);
      const row = await change(request, request.params.id, { displayName, role, status }, 'user.change', {
        fields,
        ...(role && { role }),
        ...(status && { status }),
      });
      return presentUser(row);
    },
  );

  app.post(
    '/api/v1/users/:id/reset-password',
    {
      ...changing,
      schema: {
        tags,
        summary: 'Make a new password, shown once; ends all sessions',
        params,
        response: { 200: createdUser, ...bodyProblemAnswers },
      },
    },
    async (request) => {
      const initial = randomPassword();
      const passwordHash = await hashPassword(initial);
      const row = await change(request, request.params.id, { passwordHash }, 'user.reset_password');
      return { ...presentUser(row), initial_password: initial };
    },
  );

  async function change(
    request: FastifyRequest,
    id: string,
    wanted: UserChange,
    action: string,
    details: Record<string, unknown> = {},
  ) {
    const { tenantId } = userOf(request);
    return withTenant(pool, tenantId, async (client) => {
      const changed = await changeUser(client, tenantId, id, wanted);
      if (!changed) throw new RequestProblem(404, 'not_found', 'There is no account with this id.');
      await writeAudit(client, {
        ...auditedBy(request),
        action,
        entityKind: 'user',
        entityId: id,
        details,
      });
      return changed;
    }).catch((error: unknown) => {
      throw asProblem(error);
    });
  }
}

function asProblem(error: unknown): unknown {
  const code = error instanceof SwitchboardError ? error.code : undefined;
  if (code === 'email_taken')
    return new RequestProblem(409, code, 'This mail address has an account already.');
  if (code === 'last_owner')
    return new RequestProblem(409, code, 'A clinic needs an owner. Make somebody else one first.');
  return error;
}
