import type { ApiKeyListRow } from '@switchboard/postgres/api/api-keys';
import { z } from 'zod';
import { scopes } from '../auth/caller.ts';
import { instant, line } from '../paging/parameters.ts';

/** Body of `POST /api-keys`. */
export const newApiKey = z.strictObject({
  name: line(100).describe('What it is for.'),
  scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
  expires_at: instant.optional().describe('RFC 3339; unless given it works until it is revoked.'),
});

/** Body of `POST /api-keys/{id}/rotate`. */
export const rotation = z.strictObject({
  overlap_hours: z
    .int()
    .min(0)
    .max(24 * 30)
    .default(24)
    .describe('How long the old key works beside the new one.'),
});

export const apiKey = z.object({
  id: z.string(),
  prefix: z.string().describe('What the key begins with.'),
  name: z.string(),
  scopes: z.array(z.string()),
  state: z.enum(['active', 'expired', 'revoked']),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  created_at: z.string(),
});

export const apiKeyList = z.object({ api_keys: z.array(apiKey) });

export const createdApiKey = apiKey.extend({
  key: z.string().describe('`sb_<id>_<secret>`, shown this once: a hash alone is stored.'),
});

export function presentApiKey(row: ApiKeyListRow, now: number): z.infer<typeof apiKey> {
  const isOver = row.expires_at !== null && row.expires_at.getTime() <= now;
  return {
    id: row.id,
    prefix: `sb_${row.key_id}_`,
    name: row.name,
    scopes: row.scopes,
    state: row.revoked_at !== null ? 'revoked' : isOver ? 'expired' : 'active',
    expires_at: row.expires_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  };
}
