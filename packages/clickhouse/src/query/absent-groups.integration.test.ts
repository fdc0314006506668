import { stateVoiceCall } from '@switchboard/domain/facts/voice-call';
import { findDimension } from '@switchboard/domain/metrics/catalogue';
import { voiceCallCatalogue } from '@switchboard/domain/metrics/voice-calls';
import { type RandomCall, randomCalls } from '@switchboard/testkit/random-calls';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type ClickHouse, createClickHouse } from '../client.ts';
import { migrateClickHouse } from '../migrate/migrate.ts';
import { readMetrics } from './read-metrics.ts';

const zone = 'Asia/Kolkata';
const { url, user, password } = inject('engines').clickhouse;
const database = `absent_groups_${process.pid}`;
let clickhouse: ClickHouse;
let epoch = 0;

beforeAll(async () => {
  epoch = await migrateClickHouse({ url, user, password, database });
  clickhouse = createClickHouse({ url, user, password, database });
});
afterAll(async () => {
  await clickhouse.command('DROP DATABASE {database:Identifier}', { database });
  await clickhouse.close();
});

async function insert(call: RandomCall, tenant: string, sign: 1 | -1) {
  const line = JSON.stringify({
    tenant_id: tenant,
    block: 1,
    event_id: call.id,
    entity_id: call.id,
    basis: 'started',
    sign,
    ...stateVoiceCall(call, zone),
  });
  await clickhouse.insertBytes(`INSERT INTO fact_voice_call_e${epoch} FORMAT JSONEachRow`, line, {
    async_insert: 0,
  });
}

/** The keys of a breakdown by end reason, of one tenant. */
async function endReasons(tenantId: string): Promise<string[]> {
  const dimension = findDimension(voiceCallCatalogue, 'end_reason');
  if (!dimension) throw new Error('no dimension');
  const groups = await readMetrics(clickhouse, {
    catalogue: voiceCallCatalogue,
    tenantId,
    metrics: voiceCallCatalogue.metrics,
    filters: [],
    splits: [{ id: 'end_reason', kind: 'dimension', dimension }],
    range: { from: '2026-11-20', to: '2026-11-20' },
  });
  return [...(groups.get('end_reason')?.keys() ?? [])];
}

const tenant = '01890000-0000-7000-8000-0000000000aa';

test('what was taken back and stated in another group leaves no empty row behind', async () => {
  const at = Date.parse('2026-11-20T09:00:00+05:30');
  const [call] = randomCalls({ count: 1, seed: 1, from: at, to: at + 1 });
  if (!call) throw new Error('no call');
  const first = { ...call, endReason: null };
  await insert(first, tenant, 1);
  expect(await endReasons(tenant)).toEqual(['']);
  await insert(first, tenant, -1);
  expect(await endReasons(tenant)).toEqual([]);
  await insert({ ...call, endReason: 'caller_hangup' }, tenant, 1);
  expect(await endReasons(tenant)).toEqual(['caller_hangup']);
});

test('a tenant without calls gets nothing, and none gets another’s', async () => {
  expect(await endReasons('01890000-0000-7000-8000-0000000000cc')).toEqual([]);
});
