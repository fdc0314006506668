import { type Config, type ConfigShape, clickhouseShape, list, port, secret } from '@switchboard/platform';
import { z } from 'zod';

const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** Settings of the API, beside those of every service. */
export const apiShape = {
  ...clickhouseShape,
  PORT: port(8090),
  DATABASE_URL: secret(z.url()),
  /** The voice agent's key for the default tenant, beside tenants' own keys with the scope `voice:tools`. */
  VOICE_AGENT_API_KEY: secret(z.string().min(16, 'must have 16 characters or more').optional()),
  DEFAULT_TENANT_ID: z.uuid().optional(),
  /** Web addresses besides our own whose pages may write, e.g. https://desk.example.org. */
  API_ALLOWED_ORIGINS: list().default([]),
  /** Requests per minute and address, before the caller is known. */
  API_ADDRESS_LIMIT_PER_MINUTE: whole(6_000, 1, 1e9),
  /** Requests per minute and tenant. */
  API_TENANT_LIMIT_PER_MINUTE: whole(12_000, 1, 1e9),
  /** Failed and successful logins per quarter of an hour and address, and per mail address. */
  API_LOGIN_LIMIT: whole(20, 1, 1e9),
  API_SESSION_HOURS: whole(12, 1, 24 * 30),
  /** Live streams of one tenant, and of all. */
  API_STREAMS_PER_TENANT: whole(200, 1, 100_000),
  API_STREAMS: whole(2_000, 1, 100_000),
  API_QUERY_TIMEOUT_MS: whole(10_000, 100, 60_000),
  API_POSTGRES_CONNECTIONS: whole(12, 2, 200),
  /** How many proxies stand before us whose X-Forwarded-For is believed. */
  API_TRUST_PROXY: whole(0, 0, 10),
} satisfies ConfigShape;

export type ApiConfig = Config<typeof apiShape>;
