import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse, factTables, migrateClickHouse } from '@switchboard/clickhouse';
import { stateVoiceCall } from '@switchboard/domain/facts/voice-call';
import { analystGrants, startClickHouse } from '@switchboard/embedded';
import { randomCalls } from '@switchboard/testkit/random-calls';
import { randomStatements } from '@switchboard/testkit/random-statements';

/** A small clinic's facts in a ClickHouse of its own, as the data team sees them. */
export interface DemoClinic {
  /** What a statement answers, in a format of ClickHouse's. @throws Error with what ClickHouse says */
  ask(sql: string, format: string): Promise<string>;
  stop(): Promise<void>;
}

const tenantId = '01890000-0000-7000-8000-0000000000aa';
const zone = 'Asia/Kolkata';
const span = { count: 120, seed: 7, from: Date.UTC(2026, 10, 1), to: Date.UTC(2026, 10, 21) };
const database = 'switchboard';

export async function startDemoClinic(): Promise<DemoClinic> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-documents-'));
  const writer = { name: 'switchboard', password: 'writes' };
  const analyst = { name: 'analyst', password: 'reads', readonly: true, grants: [...analystGrants] };
  const engine = await startClickHouse({ dataDir, users: [writer, analyst] });
  const access = { url: engine.url, user: writer.name, password: writer.password, database };
  const epoch = await migrateClickHouse(access);
  const clickhouse = createClickHouse(access);
  for (const { kind, name } of factTables) {
    const lines = statements().flatMap((one) =>
      one.kind !== kind || one.statement === null
        ? []
        : [
            JSON.stringify({
              tenant_id: tenantId,
              block: 1,
              event_id: one.entityId,
              entity_id: one.entityId,
              basis: one.basis,
              sign: 1,
              ...one.statement,
            }),
          ],
    );
    await clickhouse.insertBytes(`INSERT INTO ${name}_e${epoch} FORMAT JSONEachRow`, lines.join('\n'), {
      async_insert: 0,
    });
  }
  await clickhouse.close();
  return {
    async ask(sql, format) {
      const answer = await fetch(`${engine.url}/?database=${database}&default_format=${format}`, {
        method: 'POST',
        body: sql,
        headers: { 'X-ClickHouse-User': analyst.name, 'X-ClickHouse-Key': analyst.password },
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${text}\n${sql}`);
      return text;
    },
    async stop() {
      await engine.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function statements() {
  const calls = randomCalls(span).map((call) => ({
    kind: 'voice_call',
    entityId: call.id,
    basis: 'started',
    statement: stateVoiceCall(call, zone),
  }));
  return [...calls, ...randomStatements(span, zone)];
}
