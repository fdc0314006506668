import { uuidV7 } from '@switchboard/domain/ids';
import { createLogger, createMetrics, type Sealer } from '@switchboard/platform';
import type { Rounds } from '@switchboard/platform/rounds';
import type { Pool } from '@switchboard/postgres';
import type { TestDatabase } from '@switchboard/testkit/database';
import { type SendWorkerOptions, startSendWorker } from '../messaging/send-worker.ts';

/** A message as its rows say it is. */
export interface SentMessage {
  body: string;
  status: string;
  error_code: string | null;
  source: string;
  external_id: string | null;
  state: string;
  attempts: number;
  send_error: string | null;
}

/** A clinic that writes to patients. */
export interface MessagesClinic {
  tenantId: string;
  accountSid: string;
  authToken: string;
  /** What it sends from, E.164. */
  number: string;
  /** @returns the conversation's id */
  addConversation(phone: string): Promise<string>;
  /** Queues a message. @returns its id */
  queue(conversationId: string, body: string, template?: { sid: string; variables: object }): Promise<string>;
  /** All that was to be sent, in the order it was queued. */
  sent(): Promise<SentMessage[]>;
  /** Their ids, in the same order. */
  ids(): Promise<string[]>;
  /** The status that facts have of a message. */
  factStatus(messageId: string): Promise<string | undefined>;
  run(sql: string, values?: unknown[]): Promise<void>;
}

export async function makeMessagesClinic(
  database: TestDatabase,
  sealer: Sealer,
  account: { accountSid: string; authToken: string; number: string },
): Promise<MessagesClinic> {
  const tenantId = await database.addTenant();
  const { admin } = database;
  const run = async (sql: string, values: unknown[] = []) => {
    await admin.query(sql, [tenantId, ...values]);
  };
  await run('UPDATE tenants SET twilio_account_sid = $2 WHERE id = $1', [account.accountSid]);
  await run(
    `INSERT INTO tenant_numbers (tenant_id, number, channel, had_since) VALUES ($1, $2, 'whatsapp', '2026-01-01Z')`,
    [account.number],
  );
  await run(
    `INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed) VALUES ($1, $2, 'twilio', $3)`,
    [uuidV7(Date.now()), sealer.seal(Buffer.from(account.authToken))],
  );
  return {
    ...account,
    tenantId,
    run,
    async addConversation(phone) {
      const id = uuidV7(Date.now());
      await run(
        `INSERT INTO conversations (tenant_id, id, channel, state, contact_phone) VALUES ($1, $2, 'whatsapp', 'open', $3)`,
        [id, phone],
      );
      return id;
    },
    async queue(conversationId, body, template) {
      const id = uuidV7(Date.now());
      await run(
        `WITH message AS (
           INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, body, template, status, sent_at, source)
           VALUES ($1, $2, $3, 'outbound', 'user', $4, $5, 'queued', now(), 'switchboard'))
         INSERT INTO message_sends (tenant_id, message_id, conversation_id, template_variables) VALUES ($1, $2, $3, $6)`,
        [id, conversationId, body, template?.sid ?? null, template?.variables ?? {}],
      );
      return id;
    },
    async sent() {
      const { rows } = await admin.query<SentMessage>(
        `SELECT m.body, m.status, m.error_code, m.source, m.external_id, s.state, s.attempts, s.error_code AS send_error
         FROM message_sends s JOIN conversation_messages m ON m.tenant_id = s.tenant_id AND m.id = s.message_id
         WHERE s.tenant_id = $1 ORDER BY s.created_at, s.message_id`,
        [tenantId],
      );
      return rows;
    },
    async ids() {
      const { rows } = await admin.query<{ id: string }>(
        'SELECT message_id AS id FROM message_sends WHERE tenant_id = $1 ORDER BY created_at, message_id',
        [tenantId],
      );
      return rows.map(({ id }) => id);
    },
    async factStatus(messageId) {
      const { rows } = await admin.query<{ status: string }>(
        `SELECT statement ->> 'status' AS status FROM fact_current WHERE tenant_id = $1 AND kind = 'message' AND entity_id = $2`,
        [tenantId, messageId],
      );
      return rows[0]?.status;
    },
  };
}

/** A worker in the test's own process, and all that it said. */
export interface TestSendWorker extends Rounds {
  log: string[];
  metrics(): Promise<string>;
  /** How many attempts and looks ended so. */
  results(result: string): Promise<number>;
}

export function startTestSendWorker(
  pool: Pool,
  sealer: Sealer,
  apiUrl: string,
  options: Partial<SendWorkerOptions> = {},
): TestSendWorker {
  const log: string[] = [];
  const metrics = createMetrics('test');
  const worker = startSendWorker({
    pool,
    sealer,
    settings: {},
    pseudonymKey: Buffer.alloc(32, 7),
    pauses: { attempts: [10, 20, 30], looks: [0, 10, 20], unanswered: 20 },
    settledMs: 0,
    callbackUrl: (tenantId, messageId) => `https://clinic.example/${tenantId}?send=${messageId}`,
    mediaUrl: (_, messageId, position) => `https://api.example/${messageId}/${position}`,
    twilio: { apiUrl, timeoutMs: 10_000 },
    logger: createLogger({ service: 'test', level: 'trace' }, { write: (line) => log.push(line) }),
    metrics,
    failures: metrics.counter('failures_total', 'Failures.', ['job']),
    concurrency: 20,
    perSecond: 1_000,
    markMs: 10_000,
    now: Date.now,
    ...options,
  });
  const render = async () => (await metrics.render()).body;
  return {
    ...worker,
    log,
    metrics: render,
    async results(result) {
      const line = new RegExp(`switchboard_message_sends_total\\{result="${result}".* (\\d+)`);
      return Number(line.exec(await render())?.[1] ?? 0);
    },
  };
}
