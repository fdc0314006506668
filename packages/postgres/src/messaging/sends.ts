import type { Queryable } from '../pool.ts';
import { lastWrittenTo, ofSameContact } from './contact-conversations.ts';

/** A message that is to go out now, by whoever claimed it. */
export interface ClaimedSend {
  tenantId: string;
  messageId: string;
  conversationId: string;
  /** The how manieth attempt this is, from 1. Nobody else makes it, so that it tells whose word counts. */
  attempt: number;
  channel: string;
  /** The other party's number, E.164. */
  to: string | null;
  /** The clinic's number, E.164. */
  from: string;
  body: string | null;
  /** The vendor's id of a template. */
  template: string | null;
  templateVariables: Record<string, string>;
  /** How many files go with it. */
  files: number;
  /** The other party wants no messages. */
  optedOut: boolean;
}

/** A message of which nobody knows whether the vendor took it. */
export interface UnclearSend
  extends Pick<
    ClaimedSend,
    'tenantId' | 'messageId' | 'attempt' | 'channel' | 'to' | 'body' | 'templateVariables'
  > {
  template: string | null;
  /** The vendor's id, where a callback brought it meanwhile. */
  sid: string | null;
  /** When the vendor was asked; null: who claimed it ended before it asked. */
  askedAt: Date | null;
  /** The vendor's account that was asked; null: a release of before did not note it. */
  askedAccount: string | null;
  /** How often it was looked for, this time included. */
  lookups: number;
}

export interface DueSends {
  tenantId: string;
  /** Since when the oldest of them is due. */
  dueSince: Date;
}

/** Where the worker hears that a message is to be sent: whoever inserts one notifies, by a trigger. */
export const sendChannel = 'switchboard_sends';

export interface ClaimOptions {
  /** One of the clinic's numbers: what is to go out from it is claimed, at its rate. */
  from: string;
  /** All of them; from the first goes out what belongs to none. */
  numbers: readonly string[];
  perSecond: number;
  most: number;
  leaseMs: number;
}

/** SQL: an {@link UnclearSend} of a send `s`, its message `m` and its conversation `k`. */
const unclearColumns = `s.tenant_id AS "tenantId", s.message_id AS "messageId", s.attempts AS attempt, s.asked_at AS "askedAt",
  s.asked_account AS "askedAccount", s.lookups, k.channel, k.contact_phone AS "to", m.body, m.template,
  s.template_variables AS "templateVariables", CASE WHEN m.source = 'twilio' THEN m.external_id END AS sid`;

/** Every active clinic with something to send or to look for. */
export async function dueSends(db: Queryable): Promise<DueSends[]> {
  const { rows } = await db.query<DueSends>(
    'SELECT tenant_id AS "tenantId", due_since AS "dueSince" FROM due_message_sends()',
  );
  return rows;
}

/**
 * Claims up to `most` due sends of a number, oldest first, as many as its rate allows, each the earliest of
 * its conversation that has not ended. They are marked as `sending`, and {@link beginAttempt} marks that the vendor is asked. What has
 * not ended after `leaseMs` is another's to look for, and to send again only where it certainly was not taken.
 * @returns them, and whether the rate allows no more now
 */
export async function claimSends(
  client: Queryable,
  tenantId: string,
  { from, numbers, perSecond, most, leaseMs }: ClaimOptions,
): Promise<{ sends: ClaimedSend[]; isPaced: boolean }> {
  const free = await takePace(client, tenantId, from, perSecond);
  if (free === 0) return { sends: [], isPaced: true };
  const { rows } = await client.query<ClaimedSend>(
    `WITH due AS (
       SELECT s.message_id FROM message_sends s
       JOIN conversations c ON c.tenant_id = s.tenant_id AND c.id = s.conversation_id
       WHERE s.tenant_id = $1 AND s.state = 'queued' AND s.next_attempt_at <= now()
         AND $4 = coalesce(${lastWrittenTo('c', '$5::text[]')}, ($5::text[])[1])
         AND NOT EXISTS (SELECT FROM message_sends o
           WHERE o.tenant_id = s.tenant_id AND o.conversation_id = s.conversation_id AND o.state IN ('queued', 'sending')
             AND (o.created_at, o.message_id) < (s.created_at, s.message_id))
       ORDER BY s.next_attempt_at, s.message_id LIMIT $2 FOR UPDATE OF s SKIP LOCKED
     )
     UPDATE message_sends s
     SET state = 'sending', attempts = s.attempts + 1, lookups = 0, sending_since = clock_timestamp(),
       asked_at = NULL, asked_account = NULL, next_attempt_at = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
     FROM due, conversation_messages m, conversations k
     WHERE s.tenant_id = $1 AND s.message_id = due.message_id AND m.tenant_id = $1 AND m.id = s.message_id
       AND k.tenant_id = $1 AND k.id = s.conversation_id
     RETURNING s.tenant_id AS "tenantId", s.message_id AS "messageId", s.conversation_id AS "conversationId",
       s.attempts AS attempt, k.channel, k.contact_phone AS "to", $4::text AS "from", m.body, m.template,
       s.template_variables AS "templateVariables",
       (SELECT count(*) FROM message_media x WHERE x.tenant_id = $1 AND x.message_id = s.message_id) AS files,
       EXISTS (SELECT FROM conversations o WHERE o.tenant_id = $1 AND ${ofSameContact('o', 'k')}
         AND o.opted_out_at IS NOT NULL) AS "optedOut"`,
    [tenantId, Math.min(most, free), leaseMs, from, numbers],
  );
  if (rows.length > 0)
    await client.query(
      `UPDATE sender_paces SET free_at = greatest(free_at, clock_timestamp() - make_interval(secs => $3)) + make_interval(secs => $4)
       WHERE tenant_id = $1 AND number = $2`,
      [tenantId, from, burstSeconds(perSecond), rows.length / perSecond],
    );
  return { sends: rows, isPaced: rows.length === free };
}

/**
 * Marks a claimed send as asked, just before the vendor's account is. Committed first: what has no such mark certainly was not
 * taken.
 * @returns false: it may not be asked, since the claim has run out, the vendor has told of the message meanwhile, or the
 * contact has asked for no more messages
 */
export async function beginAttempt(
  client: Queryable,
  { tenantId, messageId, attempt }: Pick<ClaimedSend, 'tenantId' | 'messageId' | 'attempt'>,
  account: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE message_sends s SET asked_at = clock_timestamp(), asked_account = $4
     FROM conversation_messages m
     WHERE s.tenant_id = $1 AND s.message_id = $2 AND s.attempts = $3 AND s.state = 'sending' AND s.asked_at IS NULL
       AND s.next_attempt_at > clock_timestamp() AND m.tenant_id = $1 AND m.id = $2
       AND (m.source <> 'twilio' OR m.external_id IS NULL)
       AND NOT EXISTS (SELECT FROM conversations k JOIN conversations o ON o.tenant_id = $1 AND ${ofSameContact('o', 'k')}
         WHERE k.tenant_id = $1 AND k.id = s.conversation_id AND o.opted_out_at IS NOT NULL)`,
    [tenantId, messageId, attempt, account],
  );
  return rowCount === 1;
}

/** Claims sends whose attempt has not ended in time, or ended unclear, to be looked for. */
export async function claimUnclear(
  client: Queryable,
  tenantId: string,
  { most, leaseMs }: { most: number; leaseMs: number },
): Promise<UnclearSend[]> {
  const { rows } = await client.query<UnclearSend>(
    `WITH due AS (
       SELECT s.message_id FROM message_sends s
       WHERE s.tenant_id = $1 AND s.state = 'sending' AND s.next_attempt_at <= now()
       ORDER BY s.next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED
     )
     UPDATE message_sends s
     SET lookups = s.lookups + 1, next_attempt_at = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
     FROM due, conversation_messages m, conversations k
     WHERE s.tenant_id = $1 AND s.message_id = due.message_id AND m.tenant_id = $1 AND m.id = s.message_id
       AND k.tenant_id = $1 AND k.id = s.conversation_id
     RETURNING ${unclearColumns}`,
    [tenantId, most, leaseMs],
  );
  return rows;
}

/** Sends asked for since an instant of which the vendor may know more than we do. */
export async function unsettledSends(
  client: Queryable,
  tenantId: string,
  since: Date,
): Promise<UnclearSend[]> {
  const { rows } = await client.query<UnclearSend>(
    `SELECT ${unclearColumns}
     FROM message_sends s
     JOIN conversation_messages m ON m.tenant_id = $1 AND m.id = s.message_id
     JOIN conversations k ON k.tenant_id = $1 AND k.id = s.conversation_id
     WHERE s.tenant_id = $1 AND s.state IN ('sending', 'unknown') AND s.asked_at >= $2`,
    [tenantId, since],
  );
  return rows;
}

/** When a claimed send, or one that is looked for, is taken up again: to be sent, or to be looked for. */
export async function postponeSend(
  client: Queryable,
  { tenantId, messageId, attempt }: Pick<ClaimedSend, 'tenantId' | 'messageId' | 'attempt'>,
  { state, errorCode, pauseMs }: { state: 'queued' | 'sending'; errorCode: string; pauseMs: number },
): Promise<void> {
  await client.query(
    `UPDATE message_sends SET state = $4, error_code = $5, sending_since = CASE WHEN $4 = 'sending' THEN sending_since END,
       next_attempt_at = clock_timestamp() + make_interval(secs => $6::float8 / 1000)
     WHERE tenant_id = $1 AND message_id = $2 AND attempts = $3 AND state = 'sending'`,
    [tenantId, messageId, attempt, state, errorCode, pauseMs],
  );
}

/** How many messages may leave a number now; holds its row until the transaction ends. */
async function takePace(
  client: Queryable,
  tenantId: string,
  number: string,
  perSecond: number,
): Promise<number> {
  await client.query('INSERT INTO sender_paces (tenant_id, number) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    tenantId,
    number,
  ]);
  await client.query('SELECT FROM sender_paces WHERE tenant_id = $1 AND number = $2 FOR UPDATE', [
    tenantId,
    number,
  ]);
  // After the lock: what another process took meanwhile counts.
  const { rows } = await client.query<{ free: number }>(
    `SELECT floor($3 * extract(epoch FROM least(make_interval(secs => $4), clock_timestamp() - free_at)) + 1e-6)::int AS free
     FROM sender_paces WHERE tenant_id = $1 AND number = $2`,
    [tenantId, number, perSecond, burstSeconds(perSecond)],
  );
  return Math.max(0, rows[0]?.free ?? 0);
}

/** What was not used of a rate is kept for a tenth of a second, or for one message. */
function burstSeconds(perSecond: number): number {
  return Math.max(1 / perSecond, 0.1);
}
