import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '@switchboard/testkit/database';

/** Values that must not reach those who see no PHI. */
export const planted = {
  firstName: 'Rohinibai',
  lastName: 'Deshpande',
  phone: '+919812345678',
  profile: 'Rohini D',
} as const;

export interface NewRow {
  direction?: 'inbound' | 'outbound';
  kind?: string;
  body?: string | null;
  status?: string;
  errorCode?: string;
  quoted?: string;
  senderKind?: string;
  senderId?: string;
  /** Analysed, with these words marked. */
  marked?: string[];
  minutesAgo: number;
}

export interface StoredConversation {
  id: string;
  add(row: NewRow): Promise<string>;
}

export interface NewConversation {
  channel?: string;
  state?: string;
  phone?: string | null;
  patientId?: string;
  assigneeId?: string;
  labels?: string[];
  unread?: number;
  contactName?: string;
}

/** Makes a conversation as the sink would, and adds messages to it. */
export async function storeConversation(
  database: TestDatabase,
  tenantId: string,
  given: NewConversation = {},
): Promise<StoredConversation> {
  const id = randomUUID();
  const run = (sql: string, values: unknown[]) => database.admin.query(sql, [tenantId, ...values]);
  await run(
    `INSERT INTO conversations (tenant_id, id, channel, state, contact_phone, contact_name, patient_id, assignee_id, labels, unread)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      given.channel ?? 'whatsapp',
      given.state ?? 'open',
      given.phone === undefined ? planted.phone : given.phone,
      given.contactName ?? planted.profile,
      given.patientId ?? null,
      given.assigneeId ?? null,
      given.labels ?? [],
      given.unread ?? 0,
    ],
  );
  return {
    id,
    async add({ direction = 'inbound', kind = 'text', body = null, minutesAgo, marked, ...row }) {
      const messageId = randomUUID();
      const redactions = (marked ?? []).map((word) => {
        const start = body?.indexOf(word) ?? 0;
        return { start, end: start + word.length, kind: 'name' };
      });
      await run(
        `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, sender_id, kind, body,
           status, error_code, quoted_message_id, redactions, extractor_version, sent_at, source)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, now() - make_interval(mins => $14), 'twilio')`,
        [
          messageId,
          id,
          direction,
          row.senderKind ?? (direction === 'inbound' ? 'patient' : 'user'),
          row.senderId ?? null,
          kind,
          body,
          row.status ?? (direction === 'inbound' ? 'received' : 'sent'),
          row.errorCode ?? null,
          row.quoted ?? null,
          JSON.stringify(redactions),
          marked ? 'test-1' : null,
          minutesAgo,
        ],
      );
      await run(
        `UPDATE conversations k SET last_message_at = m.last, last_inbound_at = m.inbound, began_at = m.first
         FROM (SELECT max(sent_at) AS last, min(sent_at) AS first, max(sent_at) FILTER (WHERE direction = 'inbound') AS inbound
           FROM conversation_messages WHERE tenant_id = $1 AND conversation_id = $2) m
         WHERE k.tenant_id = $1 AND k.id = $2`,
        [id],
      );
      return messageId;
    },
  };
}

/** Gives a clinic all that sending needs. */
export async function addTwilioAccount(database: TestDatabase, tenantId: string, number: string) {
  const run = (sql: string, values: unknown[]) => database.admin.query(sql, [tenantId, ...values]);
  await run('UPDATE tenants SET twilio_account_sid = $2 WHERE id = $1', [`AC${'0'.repeat(32)}`]);
  await run(
    `INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed) VALUES ($1, $2, 'twilio', $3)`,
    [randomUUID(), Buffer.from('sealed')],
  );
  await run(`INSERT INTO tenant_numbers (tenant_id, number, channel) VALUES ($1, $2, 'whatsapp')`, [number]);
}
