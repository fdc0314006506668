import { createHash, randomBytes, randomUUID, scryptSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type ClickHouse, createClickHouse, migrateClickHouse } from '@switchboard/clickhouse';
import { createEpoch, publishEpoch } from '@switchboard/clickhouse/migrate/epochs';
import { stateVoiceCall } from '@switchboard/domain/facts/voice-call';
import { createLogger, createMetrics, loadConfig } from '@switchboard/platform';
import type { UserRole } from '@switchboard/postgres/api/authentication';
import { addEpoch, setPublished } from '@switchboard/postgres/blocks/epochs';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import type { Engines } from '@switchboard/testkit/engines';
import type { RandomCall } from '@switchboard/testkit/random-calls';
import type { FastifyInstance } from 'fastify';
import { createAnalyticsService } from '../analytics/service.ts';
import { createApp } from '../app.ts';
import { apiShape } from '../config.ts';
import { openPools } from '../open-pools.ts';
import { startBlockListener } from '../realtime/block-listener.ts';
import { createConversationFeed } from '../realtime/conversation-feed.ts';
import { createHub } from '../realtime/hub.ts';
import { createReadSnapshot } from '../realtime/snapshots.ts';

/** What the API of a test seals with. */
export const testSecretsKey = Buffer.alloc(32, 7);
/** `SECRETS_KEY` and `PSEUDONYM_KEY`. */
export const testKey = testSecretsKey.toString('base64');
export const password = 'correct horse battery staple';

/** The API on a database and a ClickHouse database of its own, as its own roles, listening. */
export interface ApiStack {
  url: string;
  app: FastifyInstance;
  database: TestDatabase;
  /** Counts the queries that the API sent to ClickHouse. */
  queries(): number;
  addUser(tenantId: string, email: string, role: UserRole): Promise<string>;
  /** @returns a key with these scopes */
  addKey(tenantId: string, scopes: string[]): Promise<string>;
  /** States calls to ClickHouse, at +1 or −1. */
  stateCalls(tenantId: string, zone: string, calls: readonly RandomCall[], sign?: 1 | -1): Promise<void>;
  /** Says that a block with facts of these tenants is done. @returns its number */
  finishBlock(...tenantIds: string[]): Promise<number>;
  /** Publishes empty tables, as a rebuild would full ones; calls are stated to them from now on. */
  publishNextEpoch(): Promise<void>;
  stop(): Promise<void>;
}

export interface ApiStackOptions {
  env?: Record<string, string>;
  now?: () => number;
  recheckMs?: number;
  /** The way to Postgres, where it is not the straight one. */
  through?: (databaseUrl: string) => string;
  /** Where the log goes, all of it; unset: nowhere. */
  log?: (line: string) => void;
}

export async function startApiStack(engines: Engines, options: ApiStackOptions = {}): Promise<ApiStack> {
  const { now = Date.now } = options;
  const database = await createTestDatabase(engines.postgresAdmin);
  const { url, user, password: clickhousePassword } = engines.clickhouse;
  const facts = { url, user, password: clickhousePassword, database: database.name };
  let epoch = await migrateClickHouse(facts);
  const straight = database.urlAs('switchboard_api');
  const config = loadConfig(apiShape, {
    DATABASE_URL: options.through?.(straight) ?? straight,
    CLICKHOUSE_URL: url,
    CLICKHOUSE_USER: user,
    CLICKHOUSE_PASSWORD: clickhousePassword,
    CLICKHOUSE_DATABASE: database.name,
    SECRETS_KEY: testKey,
    PSEUDONYM_KEY: testKey,
    ...options.env,
  });
  const { log } = options;
  const logger = log
    ? createLogger({ service: 'api', level: 'trace' }, { write: log })
    : createLogger({ service: 'api', level: 'silent' });
  const metrics = createMetrics('api');
  const { pool, writePool } = openPools(config, () => undefined);
  const plain = createClickHouse(facts);
  let queries = 0;
  const own = createClickHouse({ ...facts, url: config.CLICKHOUSE_URL });
  const clickhouse: ClickHouse = {
    ...own,
    query(sql, params, settings) {
      queries += 1;
      return own.query(sql, params, settings);
    },
  };
  const hub = createHub({
    read: createReadSnapshot({ pool, clickhouse, queryTimeoutMs: 10_000, now }),
    logger,
    isHearing: () => listener.isConnected(),
    now,
  });
  const analytics = createAnalyticsService({ pool, clickhouse, queryTimeoutMs: 10_000, now });
  const onBlock = (tenantIds: readonly string[] | null) => {
    analytics.changed(tenantIds);
    hub.changed(tenantIds);
  };
  const conversations = createConversationFeed();
  const listener = startBlockListener({
    databaseUrl: config.DATABASE_URL,
    logger,
    onBlock,
    onConversation: conversations.changed,
  });
  const app = await createApp({
    config,
    pool,
    writePool,
    clickhouse,
    analytics,
    hub,
    conversations,
    logger,
    metrics,
    now,
    recheckMs: options.recheckMs,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  return {
    url: `http://127.0.0.1:${isAddress(address) ? address.port : 0}`,
    app,
    database,
    queries: () => queries,
    async addUser(tenantId, email, role) {
      const id = randomUUID();
      await database.admin.query(
        'INSERT INTO users (tenant_id, id, email, display_name, role, password_hash) VALUES ($1, $2, $3, $4, $5, $6)',
        [tenantId, id, email, 'Test User', role, hash(password)],
      );
      return id;
    },
    async addKey(tenantId, scopes) {
      const [keyId, secret] = [randomBytes(6).toString('hex'), randomBytes(32).toString('hex')];
      await database.admin.query(
        'INSERT INTO api_keys (tenant_id, id, key_id, secret_hash, name, scopes) VALUES ($1, $2, $3, $4, $5, $6)',
        [tenantId, randomUUID(), keyId, createHash('sha256').update(secret).digest(), 'Test', scopes],
      );
      return `sb_${keyId}_${secret}`;
    },
    async stateCalls(tenantId, zone, calls, sign = 1) {
      const lines = calls.map((call) =>
        JSON.stringify({
          tenant_id: tenantId,
          block: 1,
          event_id: call.id,
          entity_id: call.id,
          basis: 'started',
          sign,
          ...stateVoiceCall(call, zone),
        }),
      );
      const sql = `INSERT INTO fact_voice_call_e${epoch} FORMAT JSONEachRow`;
      await plain.insertBytes(sql, lines.join('\n'), { async_insert: 0 });
    },
    async finishBlock(...tenantIds) {
      const { admin } = database;
      await admin.query(
        `INSERT INTO clickhouse_epochs (epoch, state, identity, shape) VALUES ($1, 'current', gen_random_uuid(), '')
         ON CONFLICT DO NOTHING`,
        [epoch],
      );
      const { rows } = await admin.query<{ number: number }>(
        `INSERT INTO blocks (shard, number, tenants, rows, drained, as_of)
         VALUES (0, nextval('block_number'), $1, 1, true, clock_timestamp()) RETURNING number`,
        [tenantIds],
      );
      const number = rows[0]?.number ?? 0;
      await admin.query('SELECT finish_block(0::smallint, $1, $2)', [number, epoch]);
      return number;
    },
    async publishNextEpoch() {
      epoch += 1;
      await addEpoch(database.admin, await createEpoch(plain, epoch), 'building');
      await publishEpoch(plain, epoch);
      await setPublished(database.admin, epoch);
    },
    async stop() {
      await app.close();
      await listener.stop();
      await Promise.all([pool.end(), writePool.end()]);
      await plain.command('DROP DATABASE {database:Identifier}', { database: database.name });
      await Promise.all([plain.close(), own.close()]);
      await database.drop();
    },
  };
}

function hash(text: string): string {
  const salt = randomBytes(16);
  const key = scryptSync(text, salt, 32, { N: 16_384, r: 8, p: 1 });
  return `scrypt$16384$8$1$${salt.toString('base64')}$${key.toString('base64')}`;
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
