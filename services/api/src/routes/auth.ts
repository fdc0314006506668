import { randomBytes } from 'node:crypto';
import { isPassword, type Logger } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { type Pool, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import {
  createSession,
  deleteSession,
  findLogin,
  findSession,
} from '@switchboard/postgres/api/authentication';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Caller, may } from '../auth/caller.ts';
import { sessionCookie, sessionCookieOptions, sha256 } from '../auth/identify.ts';
import { createLoginLimits } from '../auth/login-limits.ts';
import type { createCheckOrigin } from '../auth/origin.ts';
import { type Allow, callerOf } from '../plugins/authenticate.ts';
import { ownPasswordRoute } from './own-password.ts';
import { bodyProblemAnswers, problemAnswers } from './problem-schema.ts';

export interface AuthRoutesOptions {
  pool: Pool;
  allow: Allow;
  checkOrigin: ReturnType<typeof createCheckOrigin>;
  logger: Logger;
  sessionHours: number;
  /** Failed logins per quarter of an hour, of a mail address from one network. */
  loginLimit: number;
}

const credentials = z.strictObject({
  email: z.email().max(200).toLowerCase(),
  password: z.string().min(1).max(1_000),
});

const me = z.object({
  kind: z.enum(['user', 'api_key']),
  id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(['owner', 'manager', 'agent', 'analyst']).nullable(),
  scopes: z.array(z.string()).nullable(),
  sees_phi: z.boolean(),
});

export function authRoutes(instance: FastifyInstance, options: AuthRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { pool, logger, sessionHours } = options;
  const limits = createLoginLimits(options.loginLimit, () => performance.now());
  // Secure also on http://localhost, which browsers treat as safe.

  app.post(
    '/api/v1/auth/login',
    {
      onRequest: options.checkOrigin,
      schema: {
        tags: ['who is asking'],
        summary: 'Log in; sets the session cookie',
        security: [],
        body: credentials,
        response: { 200: me, ...bodyProblemAnswers },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body;
      const audit = { requestId: request.id, actorKind: 'user' as const };
      const end = await limits.begin(request.ip, email);
      const { login, isRight } = await check(email, password).catch((error: unknown) => {
        end(false);
        throw error;
      });
      end(!isRight);
      if (!login || !isRight) {
        logger.info({ request_id: request.id }, 'login refused');
        if (login)
          await withTenant(pool, login.tenantId, (client) =>
            writeAudit(client, {
              ...audit,
              tenantId: login.tenantId,
              actorId: login.userId,
              action: 'login.refused',
            }),
          );
        throw wrongCredentials();
      }
      const token = randomBytes(32).toString('base64url');
      const { tenantId, userId, displayName, role } = login;
      const expires = await withTenant(pool, tenantId, async (client) => {
        await writeAudit(client, { ...audit, tenantId, actorId: userId, action: 'login' });
        const ends = await createSession(client, {
          tenantId,
          userId,
          passwordHash: login.passwordHash,
          tokenHash: sha256(token),
          hours: sessionHours,
        });
        if (!ends) throw wrongCredentials();
        return ends;
      });
      return reply
        .setCookie(sessionCookie, token, { ...sessionCookieOptions, expires })
        .send(toMe({ kind: 'user', id: userId, tenantId, email, displayName, role }));
    },
  );

  app.get(
    '/api/v1/auth/me',
    {
      onRequest: options.allow(null),
      schema: {
        tags: ['who is asking'],
        summary: 'Who I am, and what I may see',
        response: { 200: me, ...problemAnswers },
      },
    },
    async (request) => toMe(callerOf(request)),
  );

  app.post(
    '/api/v1/auth/logout',
    {
      onRequest: options.checkOrigin,
      schema: {
        tags: ['who is asking'],
        summary: 'End the session',
        description: 'Also when it has ended, or there is none.',
        security: [],
        response: { 204: z.null(), ...bodyProblemAnswers },
      },
    },
    async (request, reply) => {
      const token = request.cookies[sessionCookie];
      const session = token === undefined ? undefined : await findSession(pool, sha256(token));
      // One that has ended is what was asked for.
      if (token !== undefined && session) {
        const { tenantId, userId } = session;
        await withTenant(pool, tenantId, async (client) => {
          await deleteSession(client, tenantId, sha256(token));
          await writeAudit(client, {
            tenantId,
            actorKind: 'user',
            actorId: userId,
            action: 'logout',
            requestId: request.id,
          });
        });
      }
      return reply.clearCookie(sessionCookie, sessionCookieOptions).code(204).send(null);
    },
  );

  ownPasswordRoute(instance, { ...options, limits });

  async function check(email: string, password: string) {
    const login = await findLogin(pool, email);
    return { login, isRight: await isPassword(password, login?.passwordHash) };
  }
}

function wrongCredentials(): RequestProblem {
  return new RequestProblem(401, 'wrong_credentials', 'The mail address or the password is wrong.');
}

function toMe(caller: Caller): z.infer<typeof me> {
  const isUser = caller.kind === 'user';
  return {
    kind: caller.kind,
    id: caller.id,
    tenant_id: caller.tenantId,
    name: isUser ? caller.displayName : caller.name,
    email: isUser ? caller.email : null,
    role: isUser ? caller.role : null,
    scopes: isUser ? null : [...caller.scopes],
    sees_phi: may(caller, 'phi'),
  };
}
