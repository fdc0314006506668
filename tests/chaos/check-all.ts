import type { Switchboard } from '@switchboard/start';
import type { Ledger } from '@switchboard/testkit/ledger';
import { checkLedger, type StoreCounts } from '@switchboard/testkit/ledger-check';
import type { Stores } from '@switchboard/testkit/open-stores';
import { deadLettersSent } from './come-to-rest.ts';
import { runVerify } from './run-verify.ts';
import type { Writer } from './traffic/world.ts';
import { countedCalls } from './watch-numbers.ts';

export interface AllChecks {
  counts: StoreCounts;
  drift: number;
  /** What is not as it must be. */
  findings: string[];
}

export interface CheckOptions {
  running: Switchboard;
  stores: Stores;
  ledger: Ledger;
  writers: readonly Writer[];
}

/**
 * Holds all that was taken against all that is there, once everything is at rest: each once in Postgres, each record as
 * its last word says, statements as the records, ClickHouse as the statements, its daily views as its facts.
 */
export async function checkAll({ running, stores, ledger, writers }: CheckOptions): Promise<AllChecks> {
  const { demo } = running;
  const others = writers.filter(({ name }) => name !== 'calls');
  const otherEvents = others.reduce((sum, writer) => sum + writer.events(), 0);
  const letters = writers.reduce((sum, writer) => sum + (writer.letters?.() ?? 0), 0);
  const expected = { otherEvents, deadLetters: letters };
  const { counts, findings } = await checkLedger({ ledger, tenantId: demo.tenant, ...stores, ...expected });
  for (const writer of writers) findings.push(...(await writer.check()));
  const { drift, findings: drifts } = await runVerify(demo);
  findings.push(...drifts.map((found) => `verify: ${JSON.stringify(found)}`));
  const sent = await deadLettersSent(demo);
  // One that is sent twice is stored once.
  if (letters === 0 ? sent > 0 : sent < letters) findings.push(`dead letters sent: ${sent} for ${letters}`);
  const shown = await countedCalls(demo);
  if (shown !== ledger.calls.size)
    findings.push(`the API counts ${JSON.stringify(shown)} calls instead of ${ledger.calls.size}`);
  return { counts, drift, findings };
}
