import type { ProcessName, Switchboard } from '@switchboard/start';
import type { Ledger, LedgerSummary } from '@switchboard/testkit/ledger';
import { checkLedger, type StoreCounts } from '@switchboard/testkit/ledger-check';
import { openStores } from '@switchboard/testkit/open-stores';
import { comeToRest, deadLettersSent } from './come-to-rest.ts';
import { inflictKills, type Kill } from './inflict.ts';
import { planKills } from './kill-plan.ts';
import { planPostings } from './plan-postings.ts';
import { runVerify } from './run-verify.ts';
import { postAll } from './vendor.ts';
import { countedCalls, watchNumbers } from './watch-numbers.ts';

export interface ChaosOptions {
  running: Switchboard;
  /** Of all that was ever posted to this installation. */
  ledger: Ledger;
  seed: number;
  calls: number;
  /** Calls that begin per second. */
  rate: number;
  /** How often each process is killed. */
  times: Partial<Record<ProcessName, number>>;
  /** How long the system may take to come to rest after the last posting, ms. */
  restWithinMs: number;
}

export interface ChaosReport {
  seed: number;
  kills: Kill[];
  ledger: LedgerSummary;
  counts: StoreCounts;
  /** How the API answered while this went on. */
  api: Record<string, number>;
  trafficMs: number;
  restMs: number;
  drift: number;
  /** What is not as it must be. */
  findings: string[];
}

/** Each service twice, each engine once. */
export const everythingKilled: Partial<Record<ProcessName, number>> = {
  ingest: 2,
  enrich: 2,
  'sink-postgres': 2,
  'sink-clickhouse': 2,
  api: 2,
  jobs: 2,
  kafka: 1,
  postgres: 1,
  clickhouse: 1,
};

/** Posts calls while processes are killed, waits until all is at rest, and compares what was accepted with what is there. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { running, ledger, seed, calls, rate, times } = options;
  const { demo } = running;
  const postings = planPostings({ seed, calls, rate, now: Date.now() });
  const plan = planKills({ seed, durationMs: (calls / rate) * 1000, times });
  const stores = openStores(running.demo, { applicationName: 'chaos' });
  const watch = watchNumbers(demo);
  try {
    const begunAt = performance.now();
    const [kills] = await unlessGivenUp(
      running,
      Promise.all([inflictKills(running, plan), postAll(demo, ledger, postings)]),
    );
    const trafficMs = performance.now() - begunAt;
    const restMs = await unlessGivenUp(running, comeToRest(demo, stores.postgres, options.restWithinMs));
    await watch.stop();
    const { counts, findings } = await checkLedger({ ledger, tenantId: demo.tenant, ...stores });
    const { drift, findings: drifts } = await runVerify(demo);
    const summary = ledger.summary();
    findings.push(...drifts.map((found) => `verify: ${JSON.stringify(found)}`));
    const sent = await deadLettersSent(demo);
    if (sent > 0) findings.push(`dead letters sent: ${sent}`);
    const shown = await countedCalls(demo);
    if (shown !== summary.calls)
      findings.push(`the API counts ${JSON.stringify(shown)} calls instead of ${summary.calls}`);
    if (watch.mostCalls > summary.calls) findings.push(`the API once counted ${watch.mostCalls} calls`);
    return { seed, kills, ledger: summary, counts, api: watch.outcomes, trafficMs, restMs, drift, findings };
  } finally {
    await watch.stop();
    await stores.close();
  }
}

/** @throws Error as soon as the supervisor gives a process up. */
function unlessGivenUp<T>(running: Switchboard, work: Promise<T>): Promise<T> {
  const gaveUp = running.gaveUp.then((reason) => {
    throw reason;
  });
  gaveUp.catch(() => undefined);
  return Promise.race([work, gaveUp]);
}
