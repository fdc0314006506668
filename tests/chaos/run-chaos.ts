import type { LedgerSummary } from '@switchboard/testkit/ledger';
import type { StoreCounts } from '@switchboard/testkit/ledger-check';
import { checkAll } from './check-all.ts';
import { comeToRest } from './come-to-rest.ts';
import type { ScenarioName } from './harm/harm.ts';
import { inflictHarms, type Recovery } from './harm/inflict.ts';
import { type HarmOptions, planHarms } from './harm/plan-harms.ts';
import { createProbe } from './probe.ts';
import type { OwnSystem } from './start-own-system.ts';
import type { Asked } from './traffic/world.ts';
import { allWriters } from './traffic/writers.ts';
import { watchNumbers } from './watch-numbers.ts';

export interface ChaosOptions {
  system: OwnSystem;
  seed: number;
  scenarios: readonly ScenarioName[];
  /** How long there is traffic, ms. */
  durationMs: number;
  /** The traffic ends as soon as all of the plan is done; `durationMs` is then the longest. */
  endsWithPlan?: boolean;
  /** Not all that these scenarios are: see {@link HarmOptions}. */
  part?: HarmOptions['part'];
  only?: HarmOptions['only'];
  /** How long what is frozen or half open stays so, ms. */
  harmMs: number;
  /** Of the usual traffic, 1: some ten requests a second. */
  pace: number;
  say?: (line: string) => void;
}

/** How one writer fared. */
export interface WriterReport {
  name: string;
  asked: number;
  /** Requests that were taken at a later try than the first. */
  later: number;
  mostTries: number;
  notes: Record<string, number>;
}

export interface ChaosReport {
  seed: number;
  scenarios: readonly ScenarioName[];
  recoveries: Recovery[];
  /** Harms that found no time. */
  left: string[];
  /** What could not be done here, and why. */
  impossible: string[];
  writers: WriterReport[];
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

const pauseMs = 2_000;
const restWithinMs = 300_000;
/** What each engine's recovery may take, from the moment it answers, and a call while something goes wrong that must not hold it up. */
const recoveryMs = 30_000;

/** Lets everybody write while one thing after the other goes wrong, waits for rest, and compares. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { system, seed, scenarios, durationMs, harmMs, pace, part, only, say = () => undefined } = options;
  const { running, stores, ledger, network, disk, outside } = system;
  const { demo } = running;
  const planned = new AbortController();
  const ended = options.endsWithPlan ? planned.signal : undefined;
  const writers = await allWriters({ ...system, seed, durationMs, pace, ended });
  const plan = planHarms(seed, { running, network, disk, outside, scenarios, harmMs, part, only });
  const watch = watchNumbers(demo);
  try {
    const begunAt = performance.now();
    const [recoveries] = await unlessGivenUp(
      system,
      Promise.all([
        inflictHarms(plan, {
          running,
          probe: createProbe({ running, stores, ledger, seed }),
          pauseMs,
          forMs: durationMs,
          say,
        }).finally(() => planned.abort()),
        ...writers.map((writer) => writer.run()),
      ]),
    );
    for (const writer of writers) await writer.settle?.();
    const trafficMs = performance.now() - begunAt;
    say('all is taken; coming to rest');
    const restMs = await unlessGivenUp(system, comeToRest(demo, stores.postgres, restWithinMs));
    await watch.stop();
    const { counts, drift, findings } = await checkAll({ ...system, writers });
    if (watch.mostCalls > ledger.calls.size) findings.push(`the API once counted ${watch.mostCalls} calls`);
    for (const { name, meanwhileMs } of recoveries)
      if (meanwhileMs !== null && meanwhileMs > recoveryMs)
        findings.push(`${name}: a call took ${Math.round(meanwhileMs / 1_000)} s meanwhile`);
    for (const { name, engine, wholeWayMs } of recoveries)
      if (engine !== null && wholeWayMs > recoveryMs)
        findings.push(
          `${name}: a call took ${Math.round(wholeWayMs / 1_000)} s after ${engine} answered again`,
        );
    return {
      seed,
      scenarios,
      recoveries,
      left: plan.slice(recoveries.length).map(({ name }) => name),
      impossible:
        scenarios.includes('disk-full') && !disk
          ? ['disk-full: only root can mount a small file system']
          : [],
      writers: writers.map(({ name, asked, notes }) => ({ name, ...summed(asked), notes: notes() })),
      ledger: ledger.summary(),
      counts,
      api: watch.outcomes,
      trafficMs,
      restMs,
      drift,
      findings,
    };
  } finally {
    await watch.stop();
  }
}

function summed(asked: readonly Asked[]): Pick<WriterReport, 'asked' | 'later' | 'mostTries'> {
  return {
    asked: asked.length,
    later: asked.filter(({ tries }) => tries > 1).length,
    mostTries: Math.max(0, ...asked.map(({ tries }) => tries)),
  };
}

/** @throws Error as soon as the supervisor gives a process up. */
function unlessGivenUp<T>({ running }: OwnSystem, work: Promise<T>): Promise<T> {
  const gaveUp = running.gaveUp.then((reason) => {
    throw reason;
  });
  gaveUp.catch(() => undefined);
  return Promise.race([work, gaveUp]);
}
