import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Codec,
  createCodec,
  fullTopicName,
  type IncomingMessage,
  registerSchemas,
} from '@switchboard/kafka';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { type ChildRun, runChild } from '@switchboard/testkit/run-child';

const handleBatches = new URL('./handle-batches.ts', import.meta.url);

/** A database, a clinic, and enriched calls of it as messages of one topic. */
export interface EnrichedStand {
  database: TestDatabase;
  codec: Codec;
  topic: string;
  tenantId: string;
  /** A finished call's. @param tenant its clinic; the stand's unless told */
  message(offset: number, callId: string, tenant?: string): Promise<IncomingMessage>;
  /** Has batches handled by a process of its own, which dies of what begins with `killer`. */
  handleApart(batches: readonly { partition: number; messages: IncomingMessage[] }[]): Promise<ChildRun>;
  /** Which of these calls are in Postgres, sorted. */
  stored(callIds: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

export async function createEnrichedStand(engines: {
  postgresAdmin: string;
  schemaRegistry: string;
}): Promise<EnrichedStand> {
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const topic = fullTopicName(prefix, 'voice-call.enriched.v1');
  const cacheDir = mkdtempSync(join(tmpdir(), 'switchboard-schemas-'));
  const { schemaRegistry: registryUrl } = engines;
  const database = await createTestDatabase(engines.postgresAdmin);
  await registerSchemas({ registryUrl, prefix });
  const codec = createCodec({ registryUrl, prefix, cacheDir });
  const tenantId = await database.addTenant();
  return {
    database,
    codec,
    topic,
    tenantId,
    async message(offset, callId, tenant = tenantId) {
      const call = { from_number: '+919812345678', status: 'completed' };
      const event = receivedEvent({ tenant_id: tenant, call_id: callId, call });
      const value = await codec.encode(topic, enrichedEvent(event));
      return { offset: String(offset), key: null, headers: {}, partition: 0, timestamp: 0, value };
    },
    handleApart: (batches) =>
      runChild(
        handleBatches,
        JSON.stringify({
          databaseUrl: database.urlAs('switchboard_sink'),
          registryUrl,
          prefix,
          cacheDir,
          topic,
          batches: batches.map(({ partition, messages }) => ({
            partition,
            messages: messages.map(({ offset, value }) => ({ offset, value: value.toString('base64') })),
          })),
        }),
      ),
    async stored(callIds) {
      const { rows } = await database.admin.query<{ external_id: string }>(
        'SELECT external_id FROM voice_calls WHERE external_id = ANY ($1) ORDER BY 1',
        [callIds],
      );
      return rows.map((row) => row.external_id);
    },
    async close() {
      await database.drop();
      rmSync(cacheDir, { recursive: true });
    },
  };
}

/** What runs set aside, `OFFSET REASON` each. */
export function asideOf(runs: readonly { printed: string }[]): string[] {
  return runs.flatMap(({ printed }) => printed.match(/^\d+ \w+$/gm) ?? []);
}
