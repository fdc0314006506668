import { stateVoiceCall, voiceCallStatementVersion } from '@switchboard/domain/facts/voice-call';
import { uuidV7 } from '@switchboard/domain/ids';
import { lockTenant, recordFacts, withTenant } from '@switchboard/postgres';
import { findOlderStatements } from '@switchboard/postgres/pipeline/older-statements';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import { loadFactRecords } from '@switchboard/postgres/voice/fact-records';
import { callerOf } from './state-calls.ts';
import type { WriteOptions } from './write-events.ts';

/** Statements in one transaction: the tenant's lock is held for tens of milliseconds. */
const perTransaction = 100;

/**
 * States a clinic's calls again where older rules stated them, or in another zone than the clinic's is now. Events of the
 * clinic come in between. @returns how many statements were looked at
 */
export async function restateOlder(
  options: WriteOptions,
  tenantId: string,
  signal: AbortSignal,
): Promise<number> {
  let all = 0;
  while (!signal.aborted) {
    const found = await restateSome(options, tenantId);
    all += found;
    if (found < perTransaction) break;
  }
  return all;
}

function restateSome({ pool, pseudonymKey, now }: WriteOptions, tenantId: string): Promise<number> {
  return withTenant(pool, tenantId, async (client) => {
    await lockTenant(client, tenantId);
    const tenant = (await loadTenantSettings(client, [tenantId])).get(tenantId);
    if (!tenant) return 0;
    const { shard, timeZone: zone } = tenant;
    const madeBy = { statementVersion: voiceCallStatementVersion, zone };
    const ids = await findOlderStatements(client, tenantId, madeBy, perTransaction);
    const records = await loadFactRecords(client, tenantId, ids);
    // No event is the cause: one id names this transaction.
    const eventId = uuidV7(now());
    await recordFacts(
      client,
      { tenantId, shard, ...madeBy },
      records.map(({ id, phone, record }) => ({
        kind: 'voice_call',
        entityId: id,
        basis: 'started',
        statement: stateVoiceCall({ ...record, caller: callerOf(pseudonymKey, tenantId, phone) }, zone),
        eventId,
      })),
    );
    return ids.length;
  });
}
