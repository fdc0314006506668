import { randomBytes } from 'node:crypto';
import { hashPassword, isPassword, SwitchboardError } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Pool, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { createSession, findLogin } from '@switchboard/postgres/api/authentication';
import { changeUser } from '@switchboard/postgres/api/users';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { newPassword } from '../access/user-schema.ts';
import { sessionCookie, sessionCookieOptions, sha256 } from '../auth/identify.ts';
import type { LoginLimits } from '../auth/login-limits.ts';
import type { createCheckOrigin } from '../auth/origin.ts';
import { type Allow, auditedBy, userOf } from '../plugins/authenticate.ts';
import { bodyProblemAnswers } from './problem-schema.ts';

const passwordChange = z.strictObject({ current: z.string().min(1).max(1_000), new: newPassword });

export interface OwnPasswordOptions {
  pool: Pool;
  allow: Allow;
  checkOrigin: ReturnType<typeof createCheckOrigin>;
  sessionHours: number;
  /** Those of logins. */
  limits: LoginLimits;
}

/** Everybody changes the own password; all other sessions end, and this one goes on under a new token. Guesses of the current one count as failed logins. */
export function ownPasswordRoute(instance: FastifyInstance, options: OwnPasswordOptions): void {
  const { pool, allow, checkOrigin, sessionHours, limits } = options;
  instance.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/auth/password',
    {
      onRequest: [checkOrigin, allow(null)],
      schema: {
        tags: ['who is asking'],
        summary: 'Change my password; ends my other sessions',
        body: passwordChange,
        response: { 204: z.null(), ...bodyProblemAnswers },
      },
    },
    async (request, reply) => {
      const { tenantId, id: userId, email } = userOf(request);
      const end = await limits.begin(request.ip, email);
      const login = await findLogin(pool, email).catch((error: unknown) => {
        end(false);
        throw error;
      });
      const isRight = await isPassword(request.body.current, login?.passwordHash);
      end(!isRight);
      if (!isRight) throw wrongPassword();
      const passwordHash = await hashPassword(request.body.new);
      const token = randomBytes(32).toString('base64url');
      const expires = await withTenant(pool, tenantId, async (client) => {
        await changeUser(client, tenantId, userId, { passwordHash, expectedHash: login?.passwordHash }).catch(
          (error: unknown) => {
            // Somebody else set another one since it was looked at.
            if (error instanceof SwitchboardError && error.code === 'password_changed') throw wrongPassword();
            throw error;
          },
        );
        // Whoever has a copy of the old token is shut out, too.
        const tokenHash = sha256(token);
        const ends = await createSession(client, {
          tenantId,
          userId,
          passwordHash,
          tokenHash,
          hours: sessionHours,
        });
        await writeAudit(client, {
          ...auditedBy(request),
          action: 'user.change_password',
          entityKind: 'user',
          entityId: userId,
        });
        return ends;
      });
      return reply
        .setCookie(sessionCookie, token, { ...sessionCookieOptions, expires })
        .code(204)
        .send(null);
    },
  );
}

function wrongPassword(): RequestProblem {
  return new RequestProblem(403, 'wrong_credentials', 'The current password is wrong.');
}
