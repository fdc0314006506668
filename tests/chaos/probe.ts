import { setTimeout as sleep } from 'node:timers/promises';
import type { Switchboard } from '@switchboard/start';
import type { Ledger } from '@switchboard/testkit/ledger';
import type { Stores } from '@switchboard/testkit/open-stores';
import { createCallGenerator } from '@switchboard/testkit/simulate/call-generator';
import { postAll } from './vendor.ts';

/** Sends a call of its own all the way; resolves when ClickHouse counts it. @throws Error after three minutes */
export type Probe = () => Promise<void>;

const patienceMs = 180_000;
const tryEveryMs = 150;

export interface ProbeOptions {
  running: Switchboard;
  stores: Stores;
  ledger: Ledger;
  seed: number;
}

/** How soon a system works again is told by a call that was posted after whatever had happened, and insisted upon. */
export function createProbe({ running, stores, ledger, seed }: ProbeOptions): Probe {
  const { demo } = running;
  const calls = createCallGenerator(seed + 900, { startAt: Date.now() - 3_600_000, repeats: 0, shuffled: 0 });

  async function isCounted(callId: string): Promise<boolean> {
    const { rows } = await stores.postgres.query<{ id: string }>(
      'SELECT id FROM voice_calls WHERE tenant_id = $1 AND external_id = $2',
      [demo.tenant, callId],
    );
    if (!rows[0]) return false;
    const [sum] = await stores.clickhouse.query<{ n: string }>(
      'SELECT sum(sign) AS n FROM fact_voice_call WHERE tenant_id = {tenant:UUID} AND entity_id = {call:UUID}',
      { tenant: demo.tenant, call: rows[0].id },
    );
    return Number(sum?.n) === 1;
  }

  return async function probe() {
    const body = calls.next().at(-1);
    if (!body) throw new Error('there is no call');
    const event = {
      id: body.event_id,
      callId: body.call.id,
      turns: body.transcript?.turns.length ?? 0,
    };
    await postAll(demo, ledger, [{ atMs: 0, event, body: JSON.stringify(body) }], {
      triesEveryMs: tryEveryMs,
    });
    for (
      const begunAt = performance.now();
      !(await isCounted(body.call.id).catch(() => false));
      await sleep(50)
    )
      if (performance.now() - begunAt > patienceMs)
        throw new Error('a call did not come all the way within three minutes');
  };
}
