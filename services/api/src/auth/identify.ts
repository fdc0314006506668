import { createHash, timingSafeEqual } from 'node:crypto';
import type { Pool } from '@switchboard/postgres';
import { findApiKey, findSession } from '@switchboard/postgres/api/authentication';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.ts';

export const sessionCookie = 'switchboard_session';
export const sessionCookieOptions = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;

export interface IdentifyOptions {
  pool: Pool;
  /** The voice agent's key from the settings, and its tenant. */
  voiceAgent?: { key: string; tenantId: string };
}

/** Finds out who is asking, from an API key or a session cookie; undefined when neither proves anything. */
export type Identify = (request: FastifyRequest) => Promise<Caller | undefined>;

/** A key takes precedence over a cookie, and a wrong key is not made good by one. */
export function createIdentify({ pool, voiceAgent }: IdentifyOptions): Identify {
  return async function identify(request) {
    const key = apiKeyOf(request);
    if (key !== undefined) {
      if (voiceAgent && equal(key, voiceAgent.key)) {
        const { tenantId } = voiceAgent;
        return { kind: 'api_key', id: 'voice-agent', tenantId, name: 'Voice agent', scopes: ['voice:tools'] };
      }
      return callerOfKey(pool, key);
    }
    const token = request.cookies[sessionCookie];
    if (token === undefined) return undefined;
    const session = await findSession(pool, sha256(token));
    if (!session) return undefined;
    const { tenantId, userId: id, email, displayName, role } = session;
    return { kind: 'user', id, tenantId, email, displayName, role };
  };
}

/** SHA-256, as secrets with 256 random bits are stored. */
export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

function apiKeyOf(request: FastifyRequest): string | undefined {
  const header = request.headers['x-api-key'];
  if (header !== undefined) return Array.isArray(header) ? header[0] : header;
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}

async function callerOfKey(pool: Pool, key: string): Promise<Caller | undefined> {
  const [, keyId, secret] = /^sb_([a-z0-9]{8,32})_(\S{16,200})$/.exec(key) ?? [];
  if (keyId === undefined || secret === undefined) return undefined;
  const row = await findApiKey(pool, keyId);
  if (!row || !timingSafeEqual(sha256(secret), row.secretHash)) return undefined;
  return { kind: 'api_key', id: row.id, tenantId: row.tenantId, name: row.name, scopes: row.scopes };
}

function equal(left: string, right: string): boolean {
  return timingSafeEqual(sha256(left), sha256(right));
}
